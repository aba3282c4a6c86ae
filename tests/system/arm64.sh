#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests of another architecture: the driver cross-built for arm64 is PID 1 of Debian's arm64 kernel, and a job runs in
# it. In the user's own cache: the first time some 40 MB are fetched.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results
job=$ROOT/configs/jobs/arm64.yaml
driver=$BUILD/arm64/foliobench
sysroot=${XDG_CACHE_HOME:-$HOME/.cache}/foliobench/sysroots/arm64

skip_all() {
	tap_skip "guests for arm64" "$1"
	tap_end
	exit
}

[ "$(uname -m)" != aarch64 ] || skip_all "this machine is arm64 itself: its guests are like any other's"
for program in aarch64-linux-gnu-gcc qemu-system-aarch64 apt-get; do
	command -v "$program" >/dev/null || skip_all "$program is not installed"
done
[ -e /usr/aarch64-linux-gnu/include/stdio.h ] || skip_all "libc6-dev-arm64-cross is not installed"
"$ROOT/bench/sysroot.sh" arm64 "$sysroot" 2>err || skip_all "no libraries: $(tail -n 1 err)"
foliogate build debian-arm64 >out 2>err || skip_all "no kernel: $(tail -n 1 err)"

before=$(stat -c %i "$sysroot")
expect "libraries that are there are not fetched again" 0 "" "$ROOT/bench/sysroot.sh" arm64 "$sysroot"
[ "$(stat -c %i "$sysroot")" = "$before" ]
tap $? "but left as they are"
expect "without them no driver is built" 2 "SYSROOT='/nonexistent' holds no libraries for arm64: bench/sysroot.sh" \
	make -C "$ROOT" O="$BUILD" ARCH=arm64 SYSROOT=/nonexistent
expect "with them it is, and without a warning of the compiler" 0 "" \
	bash -c "make -s -C '$ROOT' O='$BUILD' ARCH=arm64 SYSROOT='$sysroot' 2>log; code=\$?
		 grep -E 'warning: |error: ' log | grep -v 'in statically linked applications' >&2; exit \$code"
readelf -hl "$driver" >elf && grep -q 'Machine: *AArch64' elf && ! grep -q INTERP elf
tap $? "for arm64, and static"

# kpti=on costs instructions, which is what a gate rejects a patch for
expect "a job runs in two boots of an arm64 kernel" 1 "guests are emulated \(TCG\).*the guest is arm64 and this machine" \
	foliogate run --no-plots "$job"
run=$(echo "$FOLIOBENCH_RESULTS"/*-arm64)
grep '"kind":"sample"' "$run/samples.jsonl" >samples
grep '"kind":"environment"' "$run/samples.jsonl" >environments
[ "$(grep -c '"kernel":"baseline"' samples)" -eq 4 ] && [ "$(grep -c '"kernel":"kpti"' samples)" -eq 4 ]
tap $? "with a sample of every cell of either"
grep -Eq '^reject: read/1/(same|diff) \+[0-9]+ kernel instructions per op' out
tap $? "and a verdict: page table isolation has its price"
[ "$(grep -Ec '"ops":\[[1-9][0-9]*(,[1-9][0-9]*){3}\]' samples)" -eq 8 ]
tap $? "in which every one of four threads has read"
[ "$(grep -c '"cpus":\[0,1,2,3\]' samples)" -eq 8 ]
tap $? "each on a CPU of its own"
[ "$(grep '"machine":"aarch64"' environments | grep '"accel":"tcg"' | grep -c '"implementer":"0x41"')" -eq 2 ]
tap $? "its environment is that of an emulated arm64 machine"
grep '"kernel":"kpti"' environments | grep -q 'nokaslr kpti=on"' &&
	grep -q 'kernel page table isolation forced ON by kpti' "$run/logs/console-kpti-0.log"
tap $? "the second kernel has the command line that the job gives it"
grep -Eq '^Verified: [1-9][0-9]* ops of 4 cells on baseline, [1-9][0-9]* ops of 4 cells on kpti\.' out
tap $? "the report says what was verified"
grep -q '^Measured in emulation: times there are no performance' out && ! grep -q 'mean MiB/s' out
tap $? "and no times"
[ "$(grep '"kind":"count"' "$run/samples.jsonl" | grep -c '"arm64":true')" -eq 8 ]
tap $? "every cell is counted on either kernel"
[ "$(grep '"kind":"count"' "$run/samples.jsonl" | grep '"name":"read block=1 ' | grep -c '"sttr":1,')" -eq 4 ]
tap $? "a 1-byte read has one STTR"
grep -q 'predicted for graviton2, 4 threads, from exact counts' out
tap $? "and a prediction"
[ ! -s "$run/logs/driver.log" ]
tap $? "the driver had nothing to complain of"

expect "an arm64 guest that panics ends as that" 4 "panic: Kernel panic - not syncing: .*root" \
	foliogate run --no-plots "$job" --set guest.cmdline="init=/nonexistent rdinit=/nonexistent"
grep -q 'prepare_namespace+0x' err
tap $? "with its backtrace"

expect "programs of this machine are not offered to an arm64 guest" 2 "kernel 'debian-arm64' is for arm64: .* for x86-64" \
	foliogate boot debian-arm64 -- true
expect "a file system that is made in the guest is refused" 4 "mkfs.ext4 is not for arm64: put it on a virtio disk" \
	foliogate run --no-plots "$job" --set fs=ext4
mkdir alone && cp "$BUILD/foliogate" "$BUILD/foliobench" alone/
expect "without a driver for arm64 the way to one is told" 4 \
	"$tap_dir/alone/arm64/foliobench: .*a guest for arm64 needs a driver for it; .\./run.sh arm64. makes one" \
	alone/foliogate run --no-plots "$job"
tap_end
