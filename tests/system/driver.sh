#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The driver on this kernel: every workload and parameter runs, its lines are samples, its errors are errors, and a
# kernel that reads or writes wrongly is noticed.
. "$(dirname "$0")/../tap.sh"

# A number of ops, not a time: on a busy machine a short window can pass before its thread is given a CPU.
fast="ops=2000 windows=2"

runs() {	# NAME WORDS...: exits 0, prints as many sample lines as windows, each with ops above 0
	local name=$1
	shift
	expect "$name" 0 "" foliobench run "$@" $fast
	[ "$(grep -c '"kind":"sample"' out)" -eq 2 ] && [ "$(wc -l <out)" -eq 2 ] &&
		grep -q '"ops":\[[1-9]' out
	tap $? "$name: two lines, both samples with operations in them"
}

runs "null counts" null
grep -q '"ops":\[2000\]' out
tap $? "a window of 2000 ops has just that many"
for layout in shared padded false readers; do
	runs "bounce $layout" bounce layout=$layout
done
expect "counted ops are one window, on a real processor too" 0 "" foliobench run read block=1 counted=30
grep -q '"ops":\[30\],"bytes":\[30\]' out && [ "$(wc -l <out)" = 1 ]
tap $? "of just so many"
for call in pread read preadv; do
	for pattern in fixed sequential random; do
		runs "read by $call, $pattern" read call=$call pattern=$pattern block=512 file_size=64k
	done
done
for sharing in same diff; do
	runs "two threads read $sharing" read threads=2 sharing=$sharing placement=none block=1
	runs "two threads write $sharing" write threads=2 sharing=$sharing placement=none block=1
done
for source in resident cold same-folio; do
	for pattern in fixed sequential random; do
		runs "write from a $source source, $pattern" write source=$source pattern=$pattern block=512 file_size=64k
	done
done
runs "the largest block" read block=1M file_size=1M
expect "the dd shape" 0 "" foliobench run write pattern=dd file_size=4M block=1M windows=2
grep -q '"ops":\[1\],"bytes":\[4194304\]' out
tap $? "an op of dd is one pass of the file"
# Expected: sequential ops go on from window to window; the check knows which blocks were written.
# Buggy:    each window of ops began at offset 0 again, and blocks never reached were reported.
expect "few sequential writes in several windows" 0 "" \
	foliobench run write pattern=sequential file_size=64k ops=4 windows=3
expect "windows of time" 0 "" foliobench run read warmup=100ms window=300ms windows=2
awk -F'"elapsed_ns":' '{ ns = $2 + 0; if (ns < 299e6) bad = 1 } END { exit bad || NR != 2 }' out
tap $? "last as long as was asked for, or longer"

if foliobench run read call=preadv2-uncached $fast >out 2>err; then
	tap 0 "uncached reads, where the kernel knows them"
else
	grep -q "RWF_DONTCACHE is not known" err
	tap $? "a kernel without uncached reads is told from a failure"
fi

cpus=$(nproc)
expect "more threads than CPUs is said loudly" 0 "oversubscribed" \
	foliobench run null threads=$((cpus + 1)) placement=smt-last $fast
grep -q '"oversubscribed":true' out
tap $? "and recorded"
expect "with the CPUs that were chosen, not those there are" 0 "3 threads on 1 CPUs: oversubscribed" \
	foliobench run null threads=3 placement=0,0,0 $fast

expect "an unknown workload" 2 "unknown workload 'raed' \(did you mean 'read'\?\)" foliobench run raed
expect "an unknown key" 2 "read: unknown parameter 'blok' \(did you mean 'block'\?\)" foliobench run read blok=1
expect "a value out of range" 2 "read: block: '2M' is out of range \(1 to 1M\)" foliobench run read block=2M
expect "no value" 2 "'block' is not key=value" foliobench run read block
expect "a block that does not fit" 2 "block: '8k' does not fit file_size '4k'" foliobench run read block=8k
expect "a CPU that is not there" 2 "CPU 60000" foliobench run null placement=60000
expect "a NUMA node that is not there" 2 "null: memory: node 60 does not exist here" foliobench run null memory=node:60
# Expected: refused before a byte is written. Buggy: wrote until the disk was full.
expect "a file that cannot fit" 4 "test files of [0-9]+ bytes (do not fit|cannot all be cached)" \
	timeout 20 foliobench run read sharing=diff threads=4096 file_size=1T $fast
expect "a directory that is not there" 4 "nowhere: No such file or directory" foliobench run read dir=nowhere $fast
expect "the wrong file system" 4 "not on nfs as asked" foliobench run read fs=nfs $fast
expect "dd on a shared file" 2 "does not go with pattern=dd" \
	foliobench run write pattern=dd threads=2 file_size=4M block=1M
touch file
expect "a file where a directory should be" 4 "file: Not a directory" foliobench run read dir=file $fast
expect "a file size limit" 4 "File too large" bash -c "ulimit -f 64; exec foliobench run read file_size=1M $fast"
expect "a standard output that takes nothing" 4 "standard output: No space left on device" \
	bash -c "exec foliobench run null $fast >/dev/full"
[ "$(wc -l <err)" -eq 1 ]
tap $? "is said once"
# Expected: no standard output is an error.
# Buggy:    the test file became descriptor 1, and the samples went into it.
expect "no standard output at all" 4 "write a sample to standard output: Bad file descriptor" \
	bash -c "exec foliobench run read $fast >&-"
# Expected: the soft limit of open files is raised as far as may be.
# Buggy:    500 threads with a file each could not be had, though the hard limit allowed them.
expect "more files than the soft limit" 0 "" \
	bash -c "ulimit -Sn 24
		exec foliobench run read sharing=diff threads=16 placement=none $fast 2>/dev/null"
expect "more files than the hard limit" 4 "Too many open files$" \
	bash -c "ulimit -n 24; exec foliobench run read sharing=diff threads=16 placement=none $fast"

# Expected: a thread that was moved off its CPU is an error.
# Buggy:    its figures went under the name of the CPU that it was pinned to at the start.
affinity=$(taskset -cp $$)
first=$(sed 's/.*: //; s/[,-].*//' <<<"$affinity")
last=${affinity##*[,-]}
if [ "$cpus" -gt 1 ]; then
	foliobench run null placement="$last" warmup=1s window=1s windows=1 >out 2>err &
	sleep 0.5
	taskset -acp "$first" $! >/dev/null
	wait $!
	[ $? -eq 4 ] && grep -q "pin to CPU $last: the affinity is another one" err
	tap $? "a thread that is moved in the middle"
else
	tap_skip "a thread that is moved in the middle" "needs two CPUs"
fi
[ -z "$(find . -name '.foliobench*')" ]
tap $? "no test file has left a name behind"

# kill -9 in the middle leaves nothing behind
mkdir leftovers
foliobench run read dir=leftovers file_size=8M warmup=1s >/dev/null 2>&1 &
sleep 0.3
kill -9 $!
wait $! 2>/dev/null
[ -z "$(ls -A leftovers)" ]
tap $? "nor has one that was killed"

# What a broken kernel would do, by a preloaded library.
if ${CC:-gcc} -shared -fPIC -O1 -o fault.so "$ROOT/tests/faults/fault.c" -ldl 2>err; then
	broken() {	# NAME CODE FAULT PATTERN WORDS...; CODE 1: wrong data, 4: an error that was said
		local name=$1 code=$2 fault=$3 pattern=$4
		shift 4
		expect "$name" "$code" "$pattern" env LD_PRELOAD="$PWD/fault.so" FAULT="$fault" FAULT_BLOCK=512 \
			foliobench run "$1" block=512 file_size=4k ops=500 windows=2 warmup=0 "${@:2}"
	}
	broken "a short read is an error" 1 pread:short:700 "short read: 511 of 512 bytes at offset 0" read
	broken "a failed read is an error" 4 pread:eio:700 "read of 512 bytes at offset 0: Input/output error" read
	broken "a wrong byte in what was read is an error" 1 pread:sticky:700 "gave a wrong byte" read
	broken "a short write is an error" 4 pwrite:short:700 "short write: 511 of 512 bytes at offset 0" write
	broken "a failed write is an error" 4 pwrite:eio:700 "write of 512 bytes at offset 0: Input/output" write
	broken "a lost write is an error" 1 pwrite:lost:1 "the block at offset 0 is not what was written" \
		write pattern=sequential ops=4 windows=1
	broken "a stray write is an error" 1 pwrite:stray:1 "offset 512 is changed though" \
		write sharing=diff
	# Expected: a single thread's file is looked at as closely when it is called shared, and so
	#           is what no thread of several can have written, and the file's size.
	# Buggy:    only a file of its own was, and a write past the end went unseen.
	broken "a stray write to the one thread's file" 1 pwrite:stray:1 \
		"offset 512 is changed though" write
	broken "a stray write of one of two threads" 1 pwrite:stray:1 "offset 512 is changed though" \
		write threads=2 placement=none
	broken "a stray write past the end" 1 pwrite:stray:8 "size is 4608, should be 4096" \
		write pattern=sequential file_size=4k ops=8 windows=1
else
	comment <err
	tap 1 "the fault library builds"
fi
tap_end
