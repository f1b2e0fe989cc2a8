# SPDX-License-Identifier: Apache-2.0
# A thin door to Meson: every target sets up what it needs first.
.PHONY: build test install clean
.DEFAULT_GOAL := build

build:
	@tools/setup build
	@test -f build/build.ninja || meson setup build >/dev/null
	@ninja -C build

test:
	@tools/setup test
	@test -f build/build.ninja || meson setup build >/dev/null
	@test -f build-asan/build.ninja || meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build
	@ninja -C build-asan
	@meson test -C build --no-rebuild --quiet || true
	@meson test -C build-asan --no-rebuild --quiet --no-suite judge || true
	@tools/test-summary build/meson-logs/testlog.json build-asan/meson-logs/testlog.json

install: build
	@meson install -C build --no-rebuild

clean:
	rm -rf build build-asan
