#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real kernel, the small one of configs/kernels: built, patched from a copy of its objects, and proved equal to a
# build from nothing. In the user's own cache, where other tests find it again: the first time takes minutes.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs
patches=$ROOT/tests/kernels

path_of() {	# WHAT, of ./out
	awk -v what="$1" '$1 == what { print $2 }' out
}

if [ "$(uname -m)" != x86_64 ]; then
	tap_skip "a real kernel" "the small kernel is one for x86-64"
	tap_end
	exit
fi
if ! foliogate build small >out 2>err && grep -Eq 'cannot be built here|not a Debian|network|is not installed' err; then
	tap_skip "a real kernel" "$(tail -n 1 err)"
	tap_end
	exit
fi
[ -f "$(path_of image)" ]
tap $? "the small kernel is built"
base=$(path_of vmlinux)

expect "a patch that changes a comment" 0 "" foliogate build -q small --patch "$patches/comment-only.patch" --verify
grep -q 'the same code and data' out
tap $? "from the baseline's objects it is what a build from nothing gives"
vmlinux=$(path_of vmlinux)
log=$(dirname "$(dirname "$(dirname "$vmlinux")")")/logs/$(path_of key).log
if [ -e "$log" ]; then	# it was built a while ago otherwise
	[ "$(grep -c '^  CC ' "$log")" -lt 10 ]
	tap $? "for which only a few files were compiled"
else
	tap_skip "for which only a few files were compiled" "the log of that build is gone"
fi
nm "$vmlinux" | cut -c 18- | cmp -s - <(nm "$base" | cut -c 18-)
tap $? "with the baseline's symbols"

expect "a patch that does not compile ends with the compiler's lines" 4 "error: kernel 'small' does not build:" \
	foliogate build -q small --patch "$patches/does-not-compile.patch"
grep -Eq "^mm/filemap.c:[0-9]+:[0-9]+: error: 'no_such_name' undeclared" err && ! grep -q 'make\[' err &&
	[ "$(wc -l <err)" -lt 12 ]
tap $? "and nothing else"
expect "a patch that does not apply names file and hunk" 2 "mm/filemap.c" \
	foliogate build -q small --patch "$patches/does-not-apply.patch"
tap_end
