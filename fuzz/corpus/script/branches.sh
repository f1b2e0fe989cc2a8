#!/bin/sh
# Tests that the text does not decide: both ways are read.
#= class understood
#= directory path=/a number=0755 conditional
#= directory path=/b number=0755 conditional
#= directory path=/c number=0755
#= owner path=/d text=root:x conditional
#= directory path=/e number=0755 conditional
#= directory path=/f number=0755 conditional
#= directory path=/always number=0755
#= directory path=/g number=0755
#= directory path=/after-exit-1 number=0755
#= directory path=/h number=0755 conditional
if grep -q x /etc/conf; then
	mkdir /a
	mode=1
else
	mkdir /b
	mode=1
fi
[ "$mode" = 1 ] && mkdir /c
grep -q y /etc/conf && chown root:x /d
for file in /etc/conf.d/*; do
	mkdir /e
done
[ -e /f ] || mkdir /f
v=1
if grep -q z /etc/conf; then v=2; fi
mkdir /always
refuse() { if grep -q x /etc/conf; then echo "no" >&2; exit 1; fi; }
mkdir /g
refuse
mkdir /after-exit-1
early() { grep -q x /etc/conf && return 0; mkdir /h; }
early
