#!/bin/sh
#= class understood
#= directory path=/var/lib/x number=0755
#= directory path=/var/lib/x/y number=0700
#= owner path=/var/lib/x text=user:group
#= owner path=/var/lib/x/y text=user:group
#= owner path=/var/lib/x text=user extra=recursive
#= owner path=/var/lib/x text=:adm
#= owner path=/var/lib/x number=02750
#= owner path=/usr/bin/tool name=u+s
#= owner path=/usr/bin/tool name=-x
#= owner path=/old text=user:group
#= directory path=/run/z text=user:group number=02775 extra=adjust
#= copy path=/etc/a.conf text=/usr/share/a/a.conf number=0640
#= owner path=/etc/a.conf text=root:adm
#= copy path=/etc/b/one text=/usr/share/a/one
#= copy path=/etc/b/two text=/usr/share/a/two
#= copy path=/etc/tree text=/usr/share/tree extra=recursive
#= copy path=/etc/into/b.conf text=/usr/share/a/b.conf
#= symlink path=/etc/link text=../target
#= symlink path=/etc/dir/name text=/usr/share/name
#= symlink path=/etc/default/relative text=../locale.relative
#= copy path=/usr/bin/second text=/usr/bin/first extra=link
#= content path=/var/log/x.log text= number=0644 extra=touch
#= content path=/etc/secret text= number=0600 extra=touch
#= content path=/etc/one text=line\n number=0644
#= content path=/etc/one text=more\n extra=append
#= content path=/etc/document text=user=root\nprice: $5\n number=0644
#= content path=/etc/empty text= number=0644
#= content path=/etc/null text= number=0644
#= content path=/etc/grouped text=a\nb\n number=0644
#= copy path=/etc/cat text=/usr/share/a/c.conf number=0644
#= remove path=/etc/old.conf
#= remove path=/etc/tree.d extra=recursive
#= remove path=/etc/pattern* glob
#= remove path=/etc/emptydir extra=empty
#= copy path=/etc/new-name text=/etc/old-name extra=move
#= symlink path=/etc/localtime text=/usr/share/zoneinfo/Etc/UTC
#= capability path=/usr/bin/ping text=cap_net_raw+ep
#= remove path=/etc/x/x.*.d extra=empty glob conditional
#= owner path=/srv/www text=www-data extra=recursive
#= owner path=/opt/rel/file number=0600
#= content path=/etc/install text= number=0644
set -e
DIR=/var/lib/x
mkdir -p "$DIR"
mkdir -m 700 $DIR/y
chown user:group $DIR ${DIR}/y
chown -R user "$DIR"
chgrp adm $DIR
chmod 2750 "$DIR/"
chmod u+s /usr/bin/tool
chmod -x /usr/bin/tool
chown user.group /old
install -d -m 2775 -o user -g group //run/z
install -m 640 -o root -g adm /usr/share/a/a.conf /etc/a.conf
cp -p /usr/share/a/one /usr/share/a/two /etc/b
cp -a /usr/share/tree /etc/tree
cp /usr/share/a/b.conf /etc/into/
ln -sf ../target /etc/link
ln -s /usr/share/name /etc/dir/
ln -sfr /etc/locale.relative /etc/default/relative
ln /usr/bin/first /usr/bin/second
touch /var/log/x.log
(umask 077; true)
umask 077
touch /etc/secret
umask 022
echo "line" > /etc/one
echo more >> /etc/one
USER=root
cat > /etc/document <<END
user=$USER
price: \$5
END
: > /etc/empty
cat /dev/null > /etc/null
{
	echo a
	echo b
} > /etc/grouped
cat /usr/share/a/c.conf > /etc/cat
rm -f /etc/old.conf
rm -rf /etc/tree.d
rm -f /etc/pattern*
rmdir --ignore-fail-on-non-empty /etc/emptydir 2>/dev/null || true
mv /etc/old-name /etc/new-name
ln -nsf "/usr/share/zoneinfo/Etc/UTC" /etc/localtime.dpkg-new && mv -f /etc/localtime.dpkg-new /etc/localtime
setcap cap_net_raw+ep /usr/bin/ping
find /etc/x -maxdepth 1 -type d -name 'x.*.d' -empty -delete
find /srv/www ! -user www-data -print0 | xargs -0 -r chown www-data
cd /opt/rel
chmod 600 file
install --mode 644 /dev/null /etc/install
# None of this is in an image.
touch /var/lib/dpkg/x /tmp/scratch /etc/init.d/x
echo x > /etc/logrotate.d/x
rm -f /usr/share/man/man1/x.1.gz
T=$(mktemp)
echo scratch > "$T"
rm -f "$T"
