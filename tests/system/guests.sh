#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests for real, under emulation so that every machine can do it: all file systems on both kinds of disk, few CPUs and
# many, what cannot be, whom QEMU runs as, and programs in the host's root directory. Two of Debian's kernels, ready
# made, are fetched where the cache has them not.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results
jobs=$ROOT/tests/jobs
shared=$(mktemp -d /var/tmp/foliobench-system.XXXXXX)	# a guest has a /tmp of its own
trap 'rm -rf "$tap_dir" "$shared"' EXIT

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi

run_dir() {	# of the newest run
	ls -td results/*/ | head -n 1
}

boot_ms() {	# of the newest run's only guest
	sed -n 's/.*"boot_ns":\([0-9]*\)[0-9]\{6\},.*/\1/p' "$(run_dir)samples.jsonl" | head -n 1
}

verified() {	# CELLS: of the only kernel, all of them with ops
	grep -Eq "^Verified: [1-9][0-9]* ops of $1 cells on only\.$" out
}

boots_in_time() {
	local ms
	ms=$(boot_ms)
	echo "# $1: ready after ${ms:-?} ms"
	[ -n "$ms" ] && [ "$ms" -lt 30000 ]
	tap $? "$1 is ready within 30 s"
}

expect "a kernel of Debian's is there" 0 "" foliogate build -q debian-cloud
key=$(awk '$1 == "key" { print $2 }' out)

for disk in ram virtio; do
	expect "every file system in one boot, on $disk disks" 0 "10 cells" \
		foliogate run --no-plots --no-count "$jobs/file-systems.yaml" --set guest.disk=$disk
	verified 10
	tap $? "and all that was read and written is verified"
	bad=0
	for fs in tmpfs ramfs ext4 xfs btrfs; do
		[ "$(grep -c "fs=$fs\"" "$(run_dir)samples.jsonl")" -eq 2 ] || bad=1
	done
	tap $bad "with the samples of each"
	[ -s "$(run_dir)logs/console-only-0.log" ]
	tap $? "and the console in a log of its own"
done
! grep '^|' out | grep -q '[0-9]\.[0-9]' && grep -q '^| ext4  | emulated |' out && grep -q -- --show-emulated-times out
tap $? "the tables hold no figure, but say why and how to have them"
boots_in_time "a guest with five file systems"
expect "times taken in emulation are shown to who asks" 0 "" foliogate report last --show-emulated-times
grep -Eq '^\| tmpfs \| +[0-9]+\.[0-9]' out && grep -qi 'emulat' out
tap $? "and called what they are"

for cpus in 1 16; do
	expect "a guest of $cpus CPUs" 0 "" foliogate run -q --no-plots --no-count "$jobs/one-cell.yaml" --set guest.cpus=$cpus
	verified 2 && grep -q "\"cpus\":$cpus,.*\"boot_ns\"" "$(run_dir)samples.jsonl" &&
		[ "$(grep -c "\"threads\":$cpus," "$(run_dir)samples.jsonl")" -eq 2 ]
	tap $? "with a thread on each"
	boots_in_time "a guest of $cpus CPUs"
done
expect "a guest of 64 CPUs, and of as little memory as may be" 0 "" \
	foliogate run -q --no-plots --no-count "$jobs/one-cell.yaml" --set guest.cpus=64 --set guest.memory=256M
verified 2 && [ "$(grep -c '"threads":64,' "$(run_dir)samples.jsonl")" -eq 2 ]
tap $? "with a thread on each"
echo "# a guest of 64 CPUs: ready after $(boot_ms) ms"

# What cannot be.
reports() {
	find results -name report.txt | wc -l
}
before=$(reports)
one() {
	foliogate run --no-plots --no-count "$jobs/one-cell.yaml" "$@"
}
expect "a file system that there is not" 2 "fs: 'ext3' .*did you mean 'ext4'" one --set fs=ext3
expect "one that no guest has" 2 "guests have no 'nfs'" one --set fs=nfs
expect "no CPU" 2 "cpus: '0' is out of range" one --set guest.cpus=0
expect "more CPUs than a guest can have" 2 "cpus: '65' is out of range" one --set guest.cpus=65
expect "less memory than any kernel needs" 2 "memory: '1M' is out of range" one --set guest.memory=1M
expect "an accelerator that there is not" 2 "accel: 'kwm' .*did you mean 'kvm'" one --set guest.accel=kwm
expect "a directory of the host's" 2 "dir: guests have file systems of their own" one --set dir=/tmp
mkdir bin
ln -s /usr/bin/* /usr/sbin/* bin/ 2>/dev/null
rm -f bin/qemu-*
expect "without QEMU the package to install is named" 4 \
	'qemu-system-x86_64 is not installed \(Debian: apt install qemu-system-x86\)' \
	env PATH="$BUILD:$tap_dir/bin" foliogate run --no-plots --no-count "$jobs/one-cell.yaml"
[ "$(reports)" -eq "$before" ]
tap $? "and nothing of all that left a report"
expect "a disk too small for its file system" 2 "xfs wants at least 300M, not 16M" \
	one --set fs=xfs --set guest.disk=virtio --set guest.disk_size=16M

# Kernels that end before any program runs: told, with the place, and never a table.
expect "a kernel that finds no init panics" 1 "reject: only: panic: .*Unable to mount root fs" \
	one --set guest.cmdline=rdinit=/nonexistent
! grep -q '^|' out && grep -q 'where: ' err && grep -q 'console-only-0.log' err
tap $? "where, is said, and where the console's log is, and no table"
expect "a kernel short of memory" 1 "reject: only: (oom|panic)" one --set guest.cmdline=mem=60M
! grep -q '^|' out
tap $? "gives no table either"
expect "nor does it later" 4 "has no tables: kernel 'only' ended in trouble" foliogate compare last
expect "but its verdict again" 1 "" foliogate gate --headline last
grep -Eq '^reject: only: (oom|panic): ' out
tap $? "in one line"

# Whom QEMU runs as, and what it may. The marker goes down to it through the environment.
mark=$tap_dir-$RANDOM
qemu() {	# the number of the QEMU that has the marker
	local environ
	grep -ls "FOLIO_MARK=$mark" /proc/[0-9]*/environ | while read -r environ; do
		case $(readlink "${environ%environ}exe") in */qemu-system-*) echo "$environ" | tr -dc 0-9; break ;; esac
	done
}
FOLIO_MARK=$mark foliogate run -q --no-plots --no-count "$jobs/one-cell.yaml" --set windows=40 --set window=200ms >/dev/null 2>err &
pid=$!
q=
for _ in $(seq 600); do
	q=$(qemu)
	if [ -n "$q" ] || ! kill -0 $pid 2>/dev/null; then
		break
	fi
	sleep 0.1
done
[ -n "$q" ]
tap $? "a guest is under way"
if [ "$(id -u)" -eq 0 ]; then
	[ "$(stat -c %U "/proc/$q")" = nobody ] && grep -Eq '^CapEff:.0+$' "/proc/$q/status"
	tap $? "QEMU runs as nobody, without a capability"
else
	tap_skip "QEMU runs as nobody, without a capability" "this is no root"
fi
grep -q '^Seccomp:.2$' "/proc/$q/status" && grep -q '^NoNewPrivs:.1$' "/proc/$q/status"
tap $? "with a filter of system calls"
tr '\0' ' ' <"/proc/$q/cmdline" >cmdline
grep -q -- '-sandbox on' cmdline && grep -q -- '-nic none' cmdline && ! grep -Eq -- '-netdev|net-pci|-net |hostfwd' cmdline
tap $? "and with no network"
! readlink "/proc/$q/fd/"* | grep -Eq "^($ROOT|$tap_dir)/"
tap $? "and no file of the run's is open in it"
kill -9 "$q"
wait $pid
[ $? -eq 4 ] && grep -q 'killed by signal 9' err
tap $? "one that is killed from outside is no fault of the kernel"

# An ordinary user, with a cache of its own.
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tap_dir"
	home=$tap_dir/user
	mkdir -p "$home/bin" "$home/cache/foliobench/kernels"
	cp "$BUILD/foliogate" "$BUILD/foliobench" "$home/bin/"
	cp -r "$ROOT/configs" "$ROOT/tests/jobs" "$home/"
	cp -r "${XDG_CACHE_HOME:-$HOME/.cache}/foliobench/kernels/$key" "$home/cache/foliobench/kernels/"
	chown -R nobody "$home"
	expect "an ordinary user can do it, too" 0 "" setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs \
		env HOME="$home" XDG_CACHE_HOME="$home/cache" FOLIOBENCH_CONFIGS="$home/configs" \
		FOLIOBENCH_RESULTS="$home/results" TMPDIR="$home" \
		"$home/bin/foliogate" run -q --no-plots "$home/jobs/file-systems.yaml" --set guest.disk=virtio
	verified 10
	tap $? "with every file system"
else
	tap_skip "an ordinary user can do it, too" "this is one"
	tap_skip "with every file system" "this is one"
fi

# Programs in the host's root directory.
head -c 10000000 /dev/urandom >"$shared/big"
echo before >"$shared/file"
chmod 777 "$shared"
boot() {
	(cd "$shared" && exec foliogate boot --accel tcg "$@")
}
expect "a kernel of Debian's with 9p is there" 0 "" foliogate build -q debian
# shellcheck disable=SC2016
boot debian -- sh -c 'cat; { pwd; cat file; echo after >file; cat file; echo new >other; cat other; nproc; } >&2; exit 7' \
	<"$shared/big" >got 2>err
[ $? -eq 7 ]
tap $? "a program's exit code is the command's own"
cmp got "$shared/big" >why 2>&1
bad=$?
tap $bad "10 MB went in and came out whole"
[ $bad -eq 0 ] || comment <why
printf '%s\nbefore\nafter\nnew\n2\n' "$shared" | cmp -s - err
bad=$?
tap $bad "its stderr is apart, it runs where we are, and can write there"
[ $bad -eq 0 ] || comment <err
[ "$(cat "$shared/file")" = before ] && [ ! -e "$shared/other" ]
tap $? "but nothing of that is left on the host"
boot -q debian --cpus 3 -- sh -c 'test "$(nproc)" = 3; echo $?; kill -9 $$' >got 2>err </dev/null
[ $? -eq 137 ] && [ "$(cat got)" = 0 ]
tap $? "one that is killed by a signal says so, and --cpus is what it has"
expect "a program that there is not" 127 "no-such-program: No such file" boot debian -- no-such-program
expect "a kernel without 9p" 4 "debian-cloud.* has no 9p.*CONFIG_9P_FS" boot debian-cloud -- true
expect "a kernel that there is not" 2 "no kernel spec 'debain'.*did you mean 'debian'" boot debain -- true
[ -z "$(qemu)" ]
tap $? "nothing of it all is left running"

tap_end
