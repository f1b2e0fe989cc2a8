#!/bin/sh
#= class understood
#= alternative path=/usr/bin/awk name=awk text=/usr/bin/gawk number=10
#= alternative path=/usr/bin/nawk name=awk text=/usr/bin/gawk extra=slave
#= alternative name=editor text=/usr/bin/vi extra=set
#= divert path=/usr/bin/pg_config text=/usr/bin/pg_config.libpq-dev extra=rename
#= divert path=/lib64 text=/.lib64.usr-is-merged extra=remove
#= divert path=/usr/bin/plain text=/usr/bin/plain.distrib extra=no-rename
#= owner path=/usr/bin/crontab text=root:crontab number=02755
#= copy path=/etc/php/php.ini text=/usr/lib/php/php.ini
#= trigger name=ldconfig
#= trigger name=update-ca-certificates
#= trigger name=sysusers text=a.conf b.conf
#= trigger name=tmpfiles text=x.conf
#= trigger name=php-enable text=opcache extra=8.4 ALL
#= trigger name=php-enable extra=8.4 fpm
#= trigger name=apache-enable text=rewrite extra=mod
#= trigger name=apache-enable text=charset extra=conf
#= trigger name=apache-enable text=default extra=site
#= trigger name=pam-auth-update
#= trigger name=java-cacerts
set -e
. /usr/share/debconf/confmodule
update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/gawk 10 \
	--slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/gawk.1.gz \
	--slave /usr/bin/nawk nawk /usr/bin/gawk
update-alternatives --set editor /usr/bin/vi
update-alternatives --remove gone /usr/bin/gone
dpkg-divert --package x --rename --divert /usr/bin/pg_config.libpq-dev --add /usr/bin/pg_config
dpkg-divert --quiet --package base-files --remove --no-rename --divert "/.lib64.usr-is-merged" "/lib64"
dpkg-divert --add --no-rename /usr/bin/plain
if ! dpkg-statoverride --list /usr/bin/crontab > /dev/null; then
	dpkg-statoverride --update --add root crontab 2755 /usr/bin/crontab
fi
ucf --three-way /usr/lib/php/php.ini /etc/php/php.ini
ucfr php /etc/php/php.ini
ldconfig
ldconfig
dpkg-trigger --no-await update-ca-certificates
systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} a.conf b.conf
if [ -x "$(command -v systemd-tmpfiles)" ]; then
	systemd-tmpfiles ${DPKG_ROOT:+--root="$DPKG_ROOT"} --create x.conf || true
fi
. /usr/lib/php/php-maintscript-helper
php_invoke enmod 8.4 ALL opcache
for mod in $(phpquery -M -v 8.4); do
	php_invoke enmod 8.4 fpm $mod
done
a2enmod -m -q rewrite
a2enconf -q charset
a2ensite default
pam-auth-update --package
dpkg-trigger update-ca-certificates-java
dpkg-trigger --no-await nobody-waits
