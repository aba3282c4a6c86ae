#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugin in QEMU's user mode: there is no kernel in it, so what an op of `bounce` does is known to the instruction.
. "$(dirname "$0")/../tap.sh"

qemu=qemu-$(uname -m)
plugin=$BUILD/libfoliotrace.so
if ! command -v "$qemu" >/dev/null; then
	tap_skip "traces" "$qemu is not installed (package qemu-user)"
	tap_end
	exit 0
fi
if ! [ -e "$BUILD/parts.a" ] || ! (cd "$ROOT" && eval "$(cat "$BUILD/.flags")" -o "$tap_dir/trace-user" \
		tests/system/trace_user.c "$BUILD/parts.a" -lzstd) 2>err; then
	tap_skip "traces" "the program that reads them cannot be built here: $(head -n 1 err 2>/dev/null)"
	tap_end
	exit 0
fi

traced() {	# WORDS...: foliobench's; the trace is left in ./trace
	"$qemu" -plugin "$plugin,fd=9" "$BUILD/foliobench" "$@" 9>trace
}

ops() {		# NAME OPS PATTERN: so many ops of the trace match, and no other number
	./trace-user trace >ops 2>err
	local got
	got=$(grep -Ec "^vcpu .*$3" ops)
	[ "$got" = "$2" ] && [ ! -s err ]
	tap $? "$1"
	[ "$got" = "$2" ] || { echo "$got ops match $3, not $2:"; head -n 3 ops err; } | comment
}

threads=$(nproc)
[ "$threads" -le 2 ] || threads=2
n=$((20 * threads))
for layout in shared padded false readers; do
	expect "bounce runs counted, $layout" 0 "" traced run bounce layout=$layout threads="$threads" counted=20
	grep -q '"ops":\[20[],]' out
	tap $? "and prints a sample of so many ops, $layout"
	ops "the trace has them all, $layout" $n ''
	ops "no instruction of a kernel, $layout" $n ' kernel_instructions 0 '
	[ "$(sort -u ops | grep -c '^region')" = 1 ]
	tap $? "in one region, $layout"
	atomics=$n
	[ $layout != readers ] || atomics=20	# thread 0's
	ops "one atomic an op, $layout" $atomics ' user_atomics 1 '
done
[ "$(awk '/^vcpu/ { print $NF }' ops | sort -u | wc -l)" = "$threads" ]
tap $? "each thread's ops went one and the same way"

expect "an op that is a loop is counted whole" 0 "" \
	traced run write pattern=dd file_size=64k block=4k counted=3
ops "three ops" 3 ''
[ "$(awk '/^vcpu/ { print $NF }' ops | sort -u | wc -l)" = 1 ]
tap $? "of one path"

expect "a run that is not counted leaves a trace" 0 "" traced run bounce ops=1000 windows=1
ops "without an op in it" 0 ''
! grep -q region ops
tap $? "and without a region"

expect "a descriptor that is none is refused" 1 "foliotrace: error: fd=77 is no descriptor that can be written to" \
	"$qemu" -plugin "$plugin,fd=77" "$BUILD/foliobench" --version
expect "one that can only be read too" 1 "foliotrace: error: fd=0 is no descriptor that can be written to" \
	"$qemu" -plugin "$plugin,fd=0" "$BUILD/foliobench" --version
expect "no descriptor too" 1 "foliotrace: error: wants one argument, fd=N" \
	"$qemu" -plugin "$plugin" "$BUILD/foliobench" --version
on_full_disk() { "$qemu" -plugin "$plugin,fd=9" "$BUILD/foliobench" run bounce counted=20 9>/dev/full; }
expect "a full disk is told, and the program goes on" 0 \
	"^foliotrace: error: write the trace: No space left on device$" on_full_disk
[ "$(grep -c foliotrace err)" = 1 ]
tap $? "once"

# SIGKILL in the middle of a million ops
"$qemu" -plugin "$plugin,fd=9" "$BUILD/foliobench" run null counted=1000000 9>trace >out 2>err &
for _ in $(seq 300); do	# some of them are written
	[ "$(stat -c %s trace 2>/dev/null || echo 0)" -le 10 ] || break
	sleep 0.1
done
kill -KILL $!
wait $! 2>/dev/null
expect "a trace whose emulator was killed is told from a whole one" 1 \
	"^trace: ends .*: the emulator was stopped, or its disk full$" ./trace-user trace
tap_end
