# SPDX-License-Identifier: Apache-2.0
# A thin door to Meson: every target sets up what it needs first, and asks nothing.
.PHONY: build test check demo bench install deb clean
.DEFAULT_GOAL := build
PREFIX ?= /usr/local
DESTDIR ?=

build: ## the program at build/kiln
	@tools/setup build
	@tools/configure build dev
	@ninja -C build

test: ## everything, also under sanitizers; ends with "N passed, N failed"
	@tools/setup test
	@tools/test

check: build ## the quick half of `test`: the plain build only
	@tools/setup test
	@meson test -C build --no-rebuild --print-errorlogs

demo: build ## build the nginx example, say what was left out and why
	@tools/setup demo
	@tools/demo

bench: ## speed and memory beside mmdebstrap
	@tools/setup bench
	@tools/configure build-release release
	@ninja -C build-release kiln
	@bench/run
	@bench/scan

install: ## into $(DESTDIR)$(PREFIX), with manual pages and completion
	@tools/setup build
	@tools/install-tree '$(PREFIX)' '$(DESTDIR)'

deb: ## a Debian package in build/
	@tools/setup deb
	@tools/make-deb build

clean:
	rm -rf build build-asan build-tsan build-fuzz build-coverage build-release
