#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A full disk gives one clear error, loses nothing that was stored, and leaves earlier runs readable.
. "$(dirname "$0")/../tap.sh"

cat >job.yaml <<'EOF2'
job: fill
blocks: 40
warmup: 0
windows: 20
cells:
  - workload: "null"
    ops: 1000
EOF2

one_error() {	# exactly one line of error in ./err
	[ "$(grep -c 'error:' err)" -eq 1 ]
}

check() {	# NAME, after a run into a full place whose results are at $FOLIOBENCH_RESULTS
	one_error
	tap $? "$1: one error, not several"
	grep -q 'foliogate run --resume' err
	tap $? "$1: it says how to go on"
	id=$(sed -n 's/.*foliogate run --resume \([^ `]*\).*/\1/p' err | head -n 1)
	[ -n "$id" ] && [ "$(tail -c 1 "$FOLIOBENCH_RESULTS/$id/samples.jsonl" | od -An -c | tr -d ' ')" = '\n' ]
	tap $? "$1: no torn line is left"
	expect "$1: the earlier run can still be read" 0 "" foliogate compare -q "$earlier"
}

# A limit on the size of files does what a full disk does, and needs no privileges.
export FOLIOBENCH_RESULTS=$PWD/limited
expect "an earlier run" 0 "" foliogate run -q --no-plots job.yaml --set blocks=1
earlier=$(ls limited | grep fill)
expect "a file that may not grow" 4 "samples.jsonl: File too large" \
	bash -c 'ulimit -f 100; exec foliogate run -q --no-plots job.yaml'
check "file size limit"
expect "with room again, the run is completed" 0 "" foliogate run -q --no-plots --resume "$id"
[ "$(grep -c '"kind":"sample"' "limited/$id/samples.jsonl")" -eq 800 ]
tap $? "and has all its windows"

mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=256k tmpfs small 2>/dev/null; then
	trap 'cd /; umount "$tap_dir/small"; rm -rf "$tap_dir"' EXIT
	export FOLIOBENCH_RESULTS=$PWD/small
	expect "an earlier run on a small disk" 0 "" foliogate run -q --no-plots job.yaml --set blocks=1 --set windows=3
	earlier=$(ls small | grep fill)
	foliogate run -q --no-plots job.yaml >out 2>err
	code=$?
	[ $code -eq 4 ] && grep -q "No space left on device" err
	tap $? "a full disk is an error with exit code 4"
	check "full disk"
	mount -o remount,size=4m small
	expect "after making room, the run is completed" 0 "" foliogate run -q --no-plots --resume "$id"

	# Expected: an error, and no picture.
	# Buggy: gnuplot does not notice: an empty picture and exit code 0.
	foliogate run -q --no-plots "$ROOT/configs/jobs/quick.yaml" \
		--set window=10ms --set warmup=0 --set threads=2 >out
	cat /dev/zero >small/filler 2>/dev/null
	expect "pictures on a full disk" 4 "No space left on device" foliogate plot -q last
	[ -z "$(find small -name '*.svg' -o -name '*.png')" ]
	tap $? "and no broken picture is left"
else
	tap_skip "a really full disk" "mounting a small tmpfs needs root"
fi

mkdir closed
if [ "$(id -u)" -eq 0 ]; then
	export FOLIOBENCH_RESULTS=/proc/no-results	# where not even root can make a directory
else
	chmod a-w closed
	export FOLIOBENCH_RESULTS=$PWD/closed/results
fi
expect "a results directory that cannot be made" 4 "$FOLIOBENCH_RESULTS" foliogate run --no-plots job.yaml
touch file
FOLIOBENCH_RESULTS=$PWD/file expect "a file where the results should go" 4 "file.*Not a directory|file.*File exists|not a directory" \
	foliogate run --no-plots job.yaml
tap_end
