#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counting as a user meets it: counts and transfers that are known beforehand, the same traces twice, another machine from
# the traces that are kept, what ends badly, and runs that were stopped.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_PLOTS=$ROOT/plots FOLIOBENCH_RESULTS=$tap_dir/results TMPDIR=$tap_dir/tmp
job=$ROOT/tests/jobs/count-small.yaml
mkdir tmp results

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi
if ! [ -e "$BUILD/libfoliotrace.so" ]; then
	echo "1..0 # SKIP libfoliotrace.so was not built here"
	exit 0
fi

newest() {	# RESULTS: the path of the newest run
	find "${1:-$FOLIOBENCH_RESULTS}" -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1
}

lines() {	# RUN KIND KERNEL
	grep "\"kind\":\"$2\",\"kernel\":\"$3\"" "$1/samples.jsonl"
}

count_of() {	# RUN KERNEL CELL COUNT: of the cell whose name matches
	lines "$1" count "$2" | grep -E "\"name\":\"$3" | sed -n "s/.*\"$4\":\([0-9.]*\).*/\1/p" | tail -n 1
}

transfers_of() {	# RUN KERNEL CELL
	local id
	id=$(lines "$1" count "$2" | grep -E "\"name\":\"$3" | sed -n 's/.*"cell":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
	lines "$1" prediction "$2" | grep "\"cell\":\"$id\"" | sed -n 's/.*"transfers":\([0-9.e-]*\).*/\1/p' | tail -n 1
}

is() {	# WHAT GOT WANTED
	[ "$2" = "$3" ]
	tap $? "$1"
	[ "$2" = "$3" ] || echo "# $2, not $3"
}

near() {	# WHAT GOT LEAST MOST
	awk -v got="${2:-none}" -v least="$3" -v most="$4" 'BEGIN { exit !(got != "none" && got >= least && got <= most) }'
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || echo "# ${2:-nothing}, not $3 to $4"
}

expect "a job is counted on two kernels" 0 "baseline: 9 cells counted in one boot" foliogate count --no-plots "$job"
run=$(newest)
grep -q 'from exact counts' out && grep -q 'Exact counts per op' out
tap $? "the tables say what they are"
! grep -q 'emulated ' out
tap $? "and no table of withheld times is among them"
for kernel in baseline nosmap; do
	is "every cell of $kernel has a count" "$(lines "$run" count $kernel | wc -l)" 9
done
is "a read has one STAC" "$(count_of "$run" baseline 'read block=1 .*sharing=same' stac)" 1
is "a write has two" "$(count_of "$run" baseline 'write ' stac)" 2
is "and two CLAC" "$(count_of "$run" baseline 'write ' clac)" 2
is "without SMAP a read has no STAC" "$(count_of "$run" nosmap 'read block=1 .*sharing=same' stac)" 0
is "nor a CLAC" "$(count_of "$run" nosmap 'read block=1 .*sharing=same' clac)" 0
is "a read has four atomics" "$(count_of "$run" baseline 'read block=1 .*sharing=same' atomics)" 4
is "a counter is incremented by one instruction" "$(count_of "$run" baseline 'bounce .*layout=shared' user_atomics)" 1
is "with no help of the kernel" "$(count_of "$run" baseline 'bounce .*layout=shared' kernel_instructions)" 0
near "readers of one file move its folio's line" "$(transfers_of "$run" baseline 'read block=1 .*sharing=same')" 1 3.1
grep -q 'folio: reference count' "$run/report/report.txt" && grep -q 'folio_try_get' "$run/report/report.txt"
tap $? "which is named, with who moves it"
is "readers of a file each move nothing" "$(transfers_of "$run" baseline 'read block=1 .*sharing=diff')" 0
near "a shared counter moves once an op" "$(transfers_of "$run" baseline 'bounce .*layout=shared')" 0.99 1
is "padded ones do not" "$(transfers_of "$run" baseline 'bounce .*layout=padded')" 0
near "two in one line do" "$(transfers_of "$run" baseline 'bounce .*layout=false')" 0.99 1

# The same to the last bit; the samples differ by times alone.
FOLIOBENCH_RESULTS=$tap_dir/again foliogate count -q --no-plots "$job" >out 2>err
tap $? "it is counted again"
again=$(newest again)
for kernel in baseline nosmap; do
	cmp -s "$run/traces/$kernel.trace" "$again/traces/$kernel.trace"
	tap $? "the traces of $kernel are the same, byte for byte"
done
diff <(grep -E '"kind":"(count|prediction)"' "$run/samples.jsonl") <(grep -E '"kind":"(count|prediction)"' "$again/samples.jsonl") >out
tap $? "and so are counts and predictions"

# Another machine, without another boot.
before=$(cat "$run"/logs/console-* | wc -c)
expect "another machine from the traces that are kept" 0 "" foliogate count -q --no-plots --resume "$(basename "$run")" --machine epyc-7763
is "nothing was booted for it" "$(cat "$run"/logs/console-* | wc -c)" "$before"
is "its predictions are there" "$(grep -c '"machine":"epyc-7763"' "$run/samples.jsonl")" 18
expect "a complete run has nothing to count" 0 "" foliogate count -q --no-plots --resume "$(basename "$run")" --machine epyc-7763
is "and nothing is added" "$(grep -c '"machine":"epyc-7763"' "$run/samples.jsonl")" 18
sed 's/^machine: .*/machine: mine/' "$ROOT/configs/machines/epyc-7763.yaml" >mine.yaml
expect "a machine file of one's own" 0 "" foliogate count -q --no-plots --resume "$(basename "$run")" --machine ./mine.yaml
sed -i '/busy_ns:/,/value:/ s/value: .*/value: 33/' mine.yaml
expect "and the same with another figure" 0 "" foliogate count -q --no-plots --resume "$(basename "$run")" --machine ./mine.yaml
is "is predicted for anew" "$(grep -c '"machine":"mine"' "$run/samples.jsonl")" 36
expect "plots of the curves" 0 "" foliogate plot -q -t svg "$(basename "$run")"
grep -q '<svg' "$run"/report/scaling-xeon-platinum-8480-1.svg
tap $? "are drawn"

# What is wrong is said before anything is booted.
expect "a job without kernels" 2 "names no kernels to boot" foliogate count "$ROOT/configs/jobs/quick.yaml"
expect "no ops" 2 "--ops 0: a number from 1 to" foliogate count --ops 0 "$job"
expect "ops that are no number" 2 "--ops 6e1: a number" foliogate count --ops 6e1 "$job"
expect "a machine that is not there" 2 "xeon-platinum-8490.*did you mean '.*xeon-platinum-8480" foliogate count --machine xeon-platinum-8490 "$job"
expect "a machine of another architecture" 2 "graviton2' is arm64, the kernels are for x86-64" foliogate count --machine graviton2 "$job"
expect "a machine named twice" 2 "named twice" foliogate count --machine epyc-7763 --machine epyc-7763 "$job"
sed 's/^    low: 20$/    low: 30.5/' "$ROOT/configs/machines/xeon-platinum-8480.yaml" >wrong.yaml
expect "a machine file that is wrong" 2 "^./wrong.yaml:[0-9]+:[0-9]+: busy_ns: low 30.5 is above the value" foliogate count --machine ./wrong.yaml "$job"
expect "more threads than CPUs" 2 "more threads than the guest's 2 CPUs" foliogate count "$job" --set guest.cpus=2
expect "disks of the host" 2 "virtio, whose timing is the host's" foliogate count "$job" --set guest.disk=virtio
is "and no run is left of it" "$(find results -mindepth 1 -maxdepth 1 -type d | wc -l)" 1

# Published figures are held against what is there.
expect "figures that the run did not count" 0 "" foliogate validate -q "$(basename "$run")" fast-short-reads
grep -q 'not counted in this run' out && grep -q 'no figure that nothing was fitted to was counted' out
tap $? "are said to be missing"
cp -r "$run" "results/cut"
head -c 3000 "$run/traces/nosmap.trace" >results/cut/traces/nosmap.trace
sed 's/^machine: .*/machine: zen/' mine.yaml >zen.yaml
expect "a trace that was cut, to predict from" 4 "nosmap.trace: (damaged|ends)" foliogate count --no-plots --resume cut --machine ./zen.yaml
expect "a trace that was cut" 4 "nosmap.trace: (damaged|ends)" foliogate validate cut fast-short-reads
rm results/cut/traces/nosmap.trace
expect "a trace that is gone" 4 "nosmap.trace: No such file" foliogate validate cut fast-short-reads
rm -r results/cut

# Emulated runs are counted by themselves, and after a stop.
small=(--set windows=1 --set block=1 --set layout=shared --set ops=200)	# counted all the same
expect "run counts as well" 0 "counted in one boot" foliogate run --no-plots "$job" "${small[@]}"
grep -q 'Exact counts per op' out && grep -q '^Verified: ' out
tap $? "and tells both: what was verified, and what was counted"
! grep -q 'environment of .* changed' out
tap $? "on one and the same environment"
expect "unless it is not to, and then nothing is judged" 3 "" foliogate run -q --no-plots --no-count "$job" "${small[@]}"
is "nothing is counted then" "$(grep -c '"kind":"count"' "$(newest)/samples.jsonl")" 0
expect "a run that was only measured is counted later" 0 "" foliogate count -q --no-plots --resume last
[ "$(grep -c '"kind":"count"' "$(newest)/samples.jsonl")" -gt 0 ]
tap $? "with all its cells"

mark=$tap_dir-$RANDOM
left_running() {
	local environ
	grep -ls "FOLIO_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null | while read -r environ; do
		grep -q '^State:.Z' "${environ%/environ}/status" 2>/dev/null || echo "$environ"
	done
}

for signal in KILL INT; do
	FOLIO_MARK=$mark setsid env --default-signal=INT foliogate count --no-plots "$job" >out 2>err </dev/null &
	pid=$!
	for _ in $(seq 600); do
		grep -q 'nosmap: 9 cells' err && break
		sleep 0.05
	done
	sleep 1
	kill -$signal $pid
	wait $pid
	code=$?
	for _ in $(seq 40); do
		[ -n "$(left_running)" ] || break
		sleep 0.1
	done
	[ -z "$(left_running)" ]
	tap $? "SIG$signal in the middle leaves nothing running"
	if [ $signal = INT ]; then
		[ $code -eq 4 ] && grep -q "foliogate count --resume $(basename "$(newest)")" err
		tap $? "how to go on is said"
	fi
	expect "it goes on after SIG$signal" 0 "" foliogate count -q --no-plots --resume "$(basename "$(newest)")"
	is "with every cell of both kernels" "$(grep -c '"kind":"count"' "$(newest)/samples.jsonl")" 18
	cmp -s "$run/traces/nosmap.trace" "$(newest)/traces/nosmap.trace"
	tap $? "and the same trace as ever"
done
[ -z "$(ls -A tmp)" ]
tap $? "no temporary file is left"

# A full disk is one error, and what fits is kept.
if mkdir full && mount -t tmpfs -o size=120k tmpfs full 2>/dev/null; then
	expect "a full disk" 4 "No space left" foliogate count --no-plots --results full "$job"
	[ "$(grep -c error: err)" -eq 1 ]
	bad=$?
	tap $bad "is one error"
	[ $bad -eq 0 ] || comment <err
	umount full
else
	tap_skip "a full disk" "nothing may be mounted here"
fi

tap_end
