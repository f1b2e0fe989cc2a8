#!/bin/sh
# A system decides what the text does not.
#@ /usr/bin/setcap program
#@ /etc/default/x file
#@ /etc/conf.d directory
#@ /etc/conf.d/10-a file
#@ /etc/conf.d/20-b file
#@ /lib-link symlink
#@ answer x/mode=0750
#@ text /etc/default/x LEVEL=seven
#@ text /usr/share/x/helper #!/bin/sh%mkdir "/helped/$1"
#= class understood
#= directory path=/yes number=0755
#= capability path=/usr/bin/x text=cap_net_raw+ep
#= directory path=/for/10-a number=0755
#= directory path=/for/20-b number=0755
#= directory path=/link number=0755
#= owner path=/yes number=0750
#= directory path=/level/seven number=0755
#= directory path=/helped/me number=0755
#= directory path=/no-answer number=0755 conditional
#= symlink path=/etc/zone text=/usr/share/zoneinfo/Etc/UTC
#= content path=/etc/made text= number=0644 extra=touch
#= directory path=/made-then-seen number=0755
if [ -f /etc/default/x ]; then mkdir /yes; else mkdir /no; fi
if command -v setcap > /dev/null; then setcap cap_net_raw+ep /usr/bin/x; else chmod u+s /usr/bin/x; fi
for f in /etc/conf.d/*; do mkdir "/for/$(basename $f)"; done
for f in /etc/none.d/*.x; do [ -e "$f" ] || continue; mkdir /no; done
[ -L /lib-link ] && mkdir /link
[ -x /usr/bin/missing ] && mkdir /no
. /usr/share/debconf/confmodule
db_get x/mode
chmod $RET /yes
. /etc/default/x
mkdir "/level/$LEVEL"
/usr/share/x/helper me
db_get x/none
[ -z "$RET" ] && mkdir /no-answer
db_get tzdata/Areas && AREA="$RET"
db_get "tzdata/Zones/$AREA" && ln -s "/usr/share/zoneinfo/$AREA/$RET" /etc/zone
[ -e /etc/made ] && mkdir /no
touch /etc/made
[ -e /etc/made ] && mkdir /made-then-seen
rm -f /etc/nothing-there
