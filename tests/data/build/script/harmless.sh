#!/bin/sh
#= class harmless
set -e
dpkg-maintscript-helper rm_conffile /etc/old 1.2~ -- "$@"
if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ]; then
	deb-systemd-helper unmask 'x.service' >/dev/null || true
	if deb-systemd-helper --quiet was-enabled 'x.service'; then
		deb-systemd-helper enable 'x.service' >/dev/null || true
	else
		deb-systemd-helper update-state 'x.service' >/dev/null || true
	fi
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		rm -rf /not/reached
	fi
	if [ -z "$DPKG_ROOT" ] && [ -x "/etc/init.d/x" ]; then
		update-rc.d x defaults >/dev/null
		invoke-rc.d --skip-systemd-native x start || exit 1
	fi
fi
if which py3compile >/dev/null 2>&1; then
	py3compile -p x /usr/share/python3/
fi
if dpkg --compare-versions "$2" lt-nl "1.0"; then
	rm -rf /not/reached
fi
if [ -n "$2" ] && dpkg --compare-versions "$2" lt 2; then
	reboot --force
fi
case "$1" in
	configure) ;;
	triggered) format-disk ;;
	*) echo "postinst called with unknown argument \`$1'" >&2; exit 1 ;;
esac
PROFILE=/etc/apparmor.d/x
if [ -f "$PROFILE" ] && aa-status --enabled 2>/dev/null; then
	apparmor_parser -r "$PROFILE" || true
fi
. /usr/share/debconf/confmodule
db_version 2.0
db_input high x/question || true
db_go || true
db_get x/question
db_stop
echo done >&2
exit 0
rm -rf /not/reached
