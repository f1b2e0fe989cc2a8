#!/bin/sh
mark() { mkdir "/m:$1"; }
if [ "$1" = configure ]; then mark if; else mark else; fi
if [ "$1" = triggered ] || [ "$1" = configure ]; then mark or; fi
if [ "$1" = configure ] && [ -z "$2" ]; then mark and; fi
if [ "$1" = configure ] && [ -n "$2" ]; then mark no; elif [ "$1" = configure -a "x$2" = x ]; then mark elif; fi
if test ! "$1" = remove; then mark not; fi
if ! false; then mark bang; fi
[ "$1" = remove ] && mark no
[ "$1" = remove ] || mark or-mark
true && false || mark chain
case "$1" in
  install|upgrade) mark no ;;
  config*) mark case-glob ;;
  configure) mark no ;;
esac
case "$1" in
  (abort-*) mark no ;;
  (configure) mark paren ;;
esac
case "a.b" in *.b) mark star-dot;; *) mark no;; esac
case "x5" in x[0-9]) mark class;; esac
case "x]" in x[]]) mark bracket;; esac
case "*" in \*) mark escaped;; esac
case "abc" in "*") mark no;; a?c) mark question;; esac
case word in esac
for i in 1 2 3; do
  [ $i = 2 ] && continue
  mark "for$i"
done
for i in 1 2 3; do
  if [ "$i" -eq 2 ]; then break; fi
  mark "break$i"
done
if [ 3 -gt 2 ] && [ 2 -le 2 ] && [ 1 -ne 2 ] && [ 10 -ge 9 ] && [ 1 -lt 2 ]; then mark numbers; fi
f() { mark in-f; return 1; mark no; }
if f; then mark no; else mark f-false; fi
g() { if [ "$1" ]; then return 0; fi; return 1; }
g x && mark g-true
g "" || mark g-false
outer() { local v=inner; mark "$v"; inner; }
inner() { mark "sees-$v"; }
v=global; outer; mark "$v"
( v=sub; mark "$v" )
mark "$v"
{ v=group; mark "$v"; }
mark "$v"
x=$(false) || mark status
if y=$(echo out); then mark "$y"; fi
while false; do mark no; done
until true; do mark no; done
cat > /dev/null <<END
mkdir /m:no
END
mark after-document
cat <<-'END' > /dev/null
	$(mkdir /m:no)
	END
mark after-quoted
eval "mark evaluated"
command mkdir "/m:command"
dir=/m:cd; mkdir "$dir"
mark "$(v=captured; echo "$v")"; mark "$v"
h() { for k in a b; do [ "$k" = b ] && return 0; mark "h$k"; done; mark no; }
h
if [ "a" = "a" ] ; then :; else mark no; fi
if [ ! -n "" ]; then mark unary; fi
if [ "(" = "(" ]; then mark literal-paren; fi
if [ \( a = a -o b = c \) -a d = d ]; then mark grouped; fi
mark "${1:-x}"; true; mark last
(exit 0); mark subshell-exit
exit 0
mark never
