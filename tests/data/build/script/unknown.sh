#!/bin/sh
#= class not-understood
#= directory path=/etc/x number=0755
#= unknown 12: some-installer --all
#= unknown 13: some-owner
#= unknown 13: chown "$(some-owner)" /etc/x
#= unknown 14: sed -i -e s/a/b/ /etc/x/conf
#= unknown 15: grep x /etc/passwd > /etc/x/users
#= unknown 16: perl -e 'unlink "/etc/y"'
set -e
mkdir /etc/x
some-installer --all
chown "$(some-owner)" /etc/x
sed -i -e s/a/b/ /etc/x/conf
grep x /etc/passwd > /etc/x/users
perl -e 'unlink "/etc/y"'
