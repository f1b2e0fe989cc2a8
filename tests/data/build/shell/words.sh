#!/bin/sh
# Every mkdir is a mark: the real shell and kiln must make the same marks in the same order.
set -e
a=one; b="two words"; empty=
mark() { mkdir "/m:$1"; }
mark "$a"
mark $b
mark "$b"
mark '$a'
mark "\$a \"q\" \\ \n"
mark \$a
mark a\ b
mark "${a}x"
mark "${empty:-default}"
mark "${empty-unset}"
mark "${nothing-unset}"
mark "${nothing:+no}x"
mark "${a:+yes}"
mark "${c:=assigned}"
mark "$c"
mark "${a#o}" ; mark "${a%e}"
path=/usr/lib/x86_64-linux-gnu/libz.so.1.3
mark "${path##*/}"; mark "${path#*/}"; mark "${path%/*}"; mark "${path%%.*}"; mark "${path%.?}"
name=postgresql-17
mark "${name##*-}" ; mark "${name#postgresql-}" ; mark "${name%%[0-9]*}"
for word in $b "$b" x${empty}y $empty; do mark "$word"; done
list="a b
c"
for word in $list; do mark "[$word]"; done
mark "line \
joined"
joined=a\
b
mark "$joined"
mark "$(echo sub)"
mark "`echo back`"
mark "$(echo "in $(echo deep)")"
mark "$(printf '%s-%s' p q)"
mark "x$(true)y"
lines="$(echo one; echo two)"
mark "$lines"
mark "$#"
mark "$1"
mark "[$2]"
set -- p "q r" s
mark "$#"; mark "$2"; mark "$*"
for argument; do mark "<$argument>"; done
for argument in "$@"; do mark "($argument)"; done
shift 2
mark "$1"
three() { mark "$#:$1:$3"; }
three "" "b c" d
three ${empty} b c d
IFS=:
path=a:b:c
for part in $path; do mark "$part"; done
unset IFS
mark "$(basename /a/b.ini .ini)" ; mark "$(dirname /a/b/c)"
for pair in mod.conf:50-mod.conf :b:x plain; do
	mark "$(echo $pair | cut -d: -f1)/$(echo "$pair" | cut -f 2 -d ':')"
done
mark "$(printf 'a b\nc d\n' | cut --delimiter=' ' --fields=2)" "$(echo a | cut -d: -f3)"
mark "tilde~1:2.0~rc1"
mark a"b"'c'$a
mark "#no comment"
mark x#y # a comment
