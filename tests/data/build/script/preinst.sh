#!/bin/sh
#= kind preinst
#= class understood
#= directory path=/install number=0755
#= divert path=/lib/x.so.1 text=/lib/x.so.1.usr-is-merged extra=no-rename
#= directory path=/sample number=0755
#= directory path=/amd64 number=0755
case "$1" in
	install) mkdir /install ;;
	upgrade) mkdir /no ;;
esac
if test "$1" = install -o "$1" = upgrade; then
	for lib in x.so.1; do
		dpkg-divert --package sample --no-rename --divert "/lib/$lib.usr-is-merged" --add "/lib/$lib"
	done
fi
[ $# -eq 1 ] && mkdir "/$DPKG_MAINTSCRIPT_PACKAGE"
mkdir "/$(dpkg --print-architecture)"
[ "$DPKG_MAINTSCRIPT_NAME" = preinst ] || mkdir /no
