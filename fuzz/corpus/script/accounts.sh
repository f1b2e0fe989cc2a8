#!/bin/sh
# Expected lines: "#= class", "#= effect ..." in order, "#= unknown LINE". Numbers of modes are octal. "#@" describes the system.
# Defaults of accounts are those of adduser(8) and useradd(8).
#= class understood
#= group name=memcache
#= user name=memcache text=/nonexistent extra=memcache path=/bin/false
#= group name=etcd
#= user name=etcd text=/var/lib/etcd extra=etcd path=/usr/sbin/nologin
#= directory path=/var/lib/etcd text=etcd:etcd number=0755
#= user name=plain text=/nonexistent extra=nogroup path=/usr/sbin/nologin
#= group name=fixed number=42
#= user name=fixed text=/srv extra=fixed path=/bin/sh number=42
#= member name=www-data text=ssl-cert
#= user name=dnsmasq text=/var/lib/misc extra=nogroup path=/usr/sbin/nologin
#= group name=svc
#= user name=svc text=/home/svc extra=svc
#= member name=svc text=adm
#= member name=svc text=audio
#= group name=shared number=77
#= member name=svc text=video
#= member name=svc text=tape
#= group name=fresh
set -e
if ! getent group memcache >/dev/null; then
	addgroup --system memcache >/dev/null
fi
if ! getent passwd memcache >/dev/null; then
	adduser --system --disabled-login --ingroup memcache --home /nonexistent \
		--no-create-home --gecos "Memcached" --shell /bin/false memcache >/dev/null
fi
adduser --system --group --home /var/lib/etcd etcd
adduser --system --quiet plain || true
addgroup --gid 42 --system fixed
adduser --system --uid 42 --ingroup fixed --home /srv --no-create-home --shell /bin/sh fixed
adduser www-data ssl-cert
useradd --system --gid nogroup --comment dnsmasq --home-dir /var/lib/misc --no-create-home --shell /usr/sbin/nologin dnsmasq
useradd -r -G adm,audio svc
groupadd -g 77 shared
usermod -a -G video svc
gpasswd -a svc tape
# These exist already.
addgroup --system adm
adduser --system --group www-data
getent group memcache > /dev/null || addgroup --system never
id memcache >/dev/null 2>&1 || adduser --system never
getent passwd nobody-knows-me > /dev/null || addgroup fresh
chsh -s /bin/sh svc
