#!/bin/sh
mark() {
	mkdir "/m:$1"
}
install_dir() {
  for d in "$@"; do
    mark "$d"
  done
}
update() case "$1" in a) mark case-a ;; *) mark case-other ;; esac
install_dir a "b c" d
update a; update z
recurse() {
	mark "r$1"
	[ "$1" = xxx ] || recurse "x$1"
}
recurse x
is_fresh() { if [ -z "$2" ]; then return 0; fi; return 1; }
if is_fresh $@; then mark fresh; fi
if is_fresh "$@"; then mark fresh-quoted; fi
tools='java keytool'
for i in $tools; do
	unset extra || true
	if [ "$i" = java ]; then extra="--slave \
		/m $i \
		x"; fi
	mark "$i:$extra"
	for piece in $extra; do mark "<$piece>"; done
done
output() { echo "printed $1"; }
mark "$(output it)"
nested() { output "$(output in)"; }
mark "$(nested)"
mark "$(if true; then echo yes; else echo no; fi)"
mark "$(case x in x) echo matched ;; esac)"
mark "$(for i in 1 2; do echo $i; done)"
if (is_fresh a b c); then mark no; else mark subshell-status; fi
! is_fresh a "" || mark negated
