#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests that are counted in, for real: two boots are the same to the byte, and what ends one is told and leaves
# nothing. The arm64 part wants what tests/system/arm64.sh has built.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs
plugin=$BUILD/libfoliotrace.so

skip_all() {
	tap_skip "guests that are counted in" "$1"
	tap_end
	exit
}

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86_64 is not installed"
[ -e "$plugin" ] || skip_all "$plugin is not built"
# .flags is the compiler with all that this build was compiled and linked with.
if ! [ -e "$BUILD/parts.a" ] || ! (cd "$ROOT" && eval "$(cat "$BUILD/.flags")" -o "$tap_dir/counted-user" \
		tests/system/counted_user.c "$BUILD/parts.a" \
		-lhwloc -ljansson -lyaml -larchive -lelf -lgcrypt -lm) 2>err; then
	skip_all "the program that uses them cannot be built here: $(head -n 1 err 2>/dev/null)"
fi
PATH=$tap_dir:$PATH

read="run read fs=ramfs dir=/mnt/ramfs file_size=4k pattern=fixed block=1 sharing=same threads=4 counted=20"
write="run write fs=tmpfs dir=/mnt/tmpfs threads=4 counted=20"

count() {	# TRACE OPTION... -- KERNEL CALL...: in a guest of 4 CPUs
	local trace=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	local kernel=$1
	shift
	counted-user -c 4 -d "$BUILD/foliobench" -o console "${options[@]}" "$kernel" "$plugin" "$trace" "$@"
}

same() {	# NAME A B
	cmp "$2" "$3" >why 2>&1
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || comment <why
}

expect "the small kernel is built" 0 "" foliogate build -q small
expect "calls are counted in a guest" 0 "" count trace1 -f ramfs -f tmpfs -- small "$read" "$write" list
mv out out1
[ "$(grep -c '^call [123]: exit 0$' out1)" -eq 3 ] && [ "$(grep -c '"kind":"sample"' out1)" -eq 2 ] &&
	grep -q '"ops":\[20,20,20,20\]' out1 && grep -q '^read  *reads of cached files' out1
tap $? "and answered in their order"
[ "$(stat -c %s trace1)" -gt 1000 ]
tap $? "the plugin has written a trace"
[ "$(grep -c '^foliobench: call [123] of 3' console)" -eq 3 ] && ! grep -q 'Linux version' console
tap $? "the console tells which call is made, and little else"

# The host's timing must not show: the second has another guest beside it, and a busy CPU.
count trace3 -o console3 -f ramfs -f tmpfs -- small "$read" "$write" list >out3 2>err3 &
beside=$!
timeout 60 sh -c 'while :; do :; done' &
busy=$!
expect "a second boot, on a busy machine" 0 "" count trace2 -o console2 -f ramfs -f tmpfs -- small "$read" "$write" list
mv out out2
kill $busy
wait $beside
same "leaves the same trace, byte for byte" trace1 trace2
same "and the same answers, times included" out1 out2
same "and so does the one beside it" trace1 trace3

# A console that is written to without end is one that the harness reads late.
count trace4 -a loglevel=8 -o console4 -f ramfs -- small "$read" >out4 2>err4 &
beside=$!
expect "a guest whose kernel talks a lot" 0 "" count trace5 -a loglevel=8 -o console5 -f ramfs -- small "$read"
wait $beside
grep -q 'Linux version' console5
tap $? "and says all of it"
same "is the same as another" trace4 trace5

expect "a call that fails is no error of the guest" 0 "" count trace6 -f ramfs -- small list "run raed" list
grep -q '^call 1: exit 0$' out && grep -q '^call 2: exit 2$' out && grep -q "unknown workload 'raed'" out
tap $? "but comes with its words"
grep -q '^call 3: exit -1$' out
tap $? "and no call is made after it"

expect "the kernel's symbols come with the answers" 0 "" count trace6 -s symbols -f ramfs -- small list
awk 'NF != 3 && NF != 4 { bad = 1 } $3 == "filemap_read" { found = $1 != "0000000000000000" }
     END { exit bad || !found }' symbols
tap $? "whole, and with their addresses"

expect "an Oops ends it as an incident" 4 "oops: BUG: kernel NULL pointer dereference" \
	count trace6 -p "$ROOT/tests/kernels/oops-in-read.patch" -f ramfs -- small list "$read" "$write"
grep -q '^incident: oops in call 2$' out
bad=$?
tap $bad "of the call it happened in"
[ $bad -eq 0 ] || comment <out

expect "a trace that the disk does not take is the plugin's error" 4 "plugin .*libfoliotrace.so failed: .*No space left" \
	count /dev/full -f ramfs -- small "$read"
expect "what is no plugin is told with QEMU's words" 4 "died: QEMU ended with exit code 1: .*plugin" \
	counted-user -d "$BUILD/foliobench" small "$ROOT/Makefile" trace7 list
expect "a guest that takes too long is given up" 4 "not ready after 1 s" count trace8 -l 1 -f ramfs -- small "$read"
expect "virtio disks are refused" 2 "cannot have virtio disks: their timing is the host's" \
	count trace9 -v -f ext4 -- small list

# However it ends.
mark=$tap_dir-$RANDOM
left_running() {
	local environ
	grep -ls "FOLIO_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null | while read -r environ; do
		grep -q '^State:.Z' "${environ%/environ}/status" 2>/dev/null || cat "${environ%/environ}/comm" 2>/dev/null
	done
}
for signal in KILL INT; do
	rm -f console9
	FOLIO_MARK=$mark env --default-signal=INT counted-user -c 4 -d "$BUILD/foliobench" -o console9 -f ramfs \
		small "$plugin" trace10 "$read" "$read" "$read" "$read" >out 2>err &
	pid=$!
	for _ in $(seq 600); do
		grep -qs 'foliobench: call' console9 && break
		sleep 0.05
	done
	left_running | grep -q qemu
	tap $? "a guest runs"
	kill -$signal $pid
	wait $pid 2>/dev/null
	code=$?
	for _ in $(seq 50); do
		[ -n "$(left_running)" ] || break
		sleep 0.1
	done
	[ -z "$(left_running)" ]
	tap $? "SIG$signal: nothing of it is left"
	if [ $signal = INT ]; then
		[ $code -eq 4 ] && [ ! -s err ]
		tap $? "and nothing is said against it"
		comment <err
	fi
done

# Another architecture.
if ! [ -x "$BUILD/arm64/foliobench" ] || ! command -v qemu-system-aarch64 >/dev/null || [ "$(uname -m)" = aarch64 ]; then
	tap_skip "arm64 guests" "no driver for them, no QEMU, or this is such a machine"
elif ! foliogate build -q debian-arm64 >/dev/null 2>err; then
	tap_skip "arm64 guests" "$(tail -n 1 err)"
else
	expect "arm64 guests are counted in" 0 "" count arm1 -d "$BUILD/arm64/foliobench" -f ramfs -- debian-arm64 "$read"
	mv out out4
	expect "twice" 0 "" count arm2 -d "$BUILD/arm64/foliobench" -f ramfs -- debian-arm64 "$read"
	same "with the same trace" arm1 arm2
	same "and the same answers" out4 out
fi
tap_end
