#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 at any moment of a comparison, while a kernel is built or a guest runs: nothing is left running, no file, no
# device, and --resume completes the run, every window once and no cell with windows of two boots.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results TMPDIR=$tap_dir/tmp
cache=${XDG_CACHE_HOME:-$HOME/.cache}/foliobench
job=$ROOT/tests/jobs/two-kernels.yaml
samples=$((4 * 2 * 2 * 3))	# cells, kernels, blocks, windows
mkdir tmp results

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi

# Whatever foliogate starts inherits this, so that nothing of anybody else's is taken for ours.
mark=$tap_dir-$RANDOM
started() {	# NAME ARGUMENT...: foliogate in the background, $! its number; Ctrl-C is not ignored
	FOLIO_MARK=$mark setsid env --default-signal=INT foliogate "$@" >started.out 2>started.err </dev/null &
}

left_running() {	# "number name" of every process that has the marker and is no zombie
	local environ dir
	grep -ls "FOLIO_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null | while read -r environ; do
		dir=${environ%/environ}
		grep -q '^State:.Z' "$dir/status" 2>/dev/null || echo "${dir#/proc/} $(cat "$dir/comm" 2>/dev/null)"
	done
}

start_of() {	# NUMBER: when that process began, in ticks; nothing where it is gone or a zombie
	sed -n 's/.*) \([^Z]\) /\1 /p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# make gets an environment of its own: what descends from a process is found by its parents.
family() {	# NUMBER: "number start name" of all its descendants
	ps -e -o pid=,ppid=,comm= | awk -v top="$1" '
		{ parent[$1] = $2; name[$1] = $3 }
		END {
			for (one in parent) {
				for (up = one; up in parent && up != top && up > 1; up = parent[up])
					;
				if (up == top && one != top)
					print one, name[one]
			}
		}' | while read -r number name; do
		echo "$number $(start_of "$number") $name"
	done
}

of_family() {	# those of ./family that still run
	local number start name
	while read -r number start name; do
		[ -z "$start" ] || [ "$(start_of "$number")" != "$start" ] || echo "$number $name"
	done <family
}

# Kills a foliogate and remembers in ./family whom it had started; what they are called is added to seen.
kill_it() {	# NUMBER
	family "$1" >family
	seen="$seen $(cut -d ' ' -f 3 family | tr '\n' ' ')"
	kill -9 "$1" 2>/dev/null
}

bad_left=0 seen=''
: >family
nothing_left() {	# WHAT: adds to bad_left
	local tries=50 what
	while [ -n "$(left_running; of_family)" ] && [ $((tries--)) -gt 0 ]; do
		sleep 0.1	# the kernel may still be at it
	done
	what=$(left_running; of_family; ls -A tmp; cat /sys/block/loop*/loop/backing_file 2>/dev/null | grep -F "$tap_dir"
		grep -F -e "$tap_dir" -e "$cache" /proc/mounts)
	[ -z "$what" ] && return
	bad_left=1
	echo "left after $1: $what" | comment
}

newest() {	# run that there is
	find results -name plan.json -printf '%T@ %h\n' | sort -n | tail -n 1 | cut -d ' ' -f 2
}

count() {	# of runs
	find results -name plan.json | wc -l
}

# What counts in a run, "KERNEL BLOCK CELL WINDOW BOOT" a sample: a cell begun again after a boot replaces its samples
# right before that boot. A sample that is not of the boot before it has ! for its BOOT.
samples_of() {	# RUN
	sed -nE -e 's/.*"kind":"environment","kernel":"([^"]*)","block":([0-9]*),.*/environment \1 \2/p' \
		-e 's/.*"kind":"sample","kernel":"([^"]*)","block":([0-9]*),"cell":"([^"]*)",.*"window":([0-9]*),.*/sample \1 \2 \3 \4/p' \
		"$1/samples.jsonl" | awk '
		$1 == "environment" { boot++; now = $2 " " $3; first = 1; next }
		{ key = $2 " " $3 " " $4 }
		first && $5 == 0 { while (n && of[n] == key) n-- }
		{ first = 0; of[++n] = key; line[n] = key " " $5 " " ($2 " " $3 == now ? boot : "!") }
		END { for (i = 1; i <= n; i++) print line[i] }'
}

every_window_once() {	# RUN
	[ "$(samples_of "$1" | wc -l)" -eq $samples ] && [ "$(samples_of "$1" | cut -d ' ' -f 1-4 | sort -u | wc -l)" -eq $samples ]
}

from_one_boot() {	# RUN: each of its cells
	! samples_of "$1" | grep -q '!' && [ "$(samples_of "$1" | cut -d ' ' -f 1-3,5 | sort -u | wc -l)" -eq $((samples / 3)) ]
}

complete() {	# RUN: adds to bad_run
	every_window_once "$1" && from_one_boot "$1" && foliogate results show "$(basename "$1")" |
		grep -Eq "^state +inconclusive: $samples of $samples samples" && return
	bad_run=1
	{ echo "$1 is not as it should be:"; samples_of "$1"; foliogate results show "$(basename "$1")" | grep ^state; } | comment
}

expect "the small kernel is built" 0 "" foliogate build -q small
began=$(date +%s%N)
# nothing is judged: emulated times are none, and it is not counted
expect "a run never interrupted" 3 "" foliogate run -q --no-plots --no-count "$job"
length=$((($(date +%s%N) - began) / 1000000))
whole=$(newest)
every_window_once "$whole"
tap $? "has every window of every cell, kernel and block"
from_one_boot "$whole" && [ "$(samples_of "$whole" | cut -d ' ' -f 5 | sort -u | wc -l)" -eq 4 ]
tap $? "from two boots of each kernel"
bad_left=0
nothing_left "a whole run"
tap $bad_left "of which nothing is left"
echo "# it took $length ms"

# Ten kills spread over a run's length: two runs or more, gone on with until they are complete.
bad_run=0 bad_lost=0 bad_left=0 kills=0 under_way=''
for _ in $(seq 30); do
	[ $kills -lt 10 ] || [ -n "$under_way" ] || break
	runs=$(count)
	if [ -n "$under_way" ]; then
		cp "$under_way/samples.jsonl" kept 2>/dev/null || : >kept
		started run -q --no-plots --no-count --resume last
	else
		: >kept
		started run -q --no-plots --no-count "$job"
	fi
	pid=$!
	if [ $kills -lt 10 ]; then
		delay=$((length * (2 + RANDOM % 70) / 100))
		sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
		kill_it $pid && kills=$((kills + 1))
	fi
	wait $pid 2>/dev/null
	code=$?
	nothing_left "kill $kills after $delay ms"
	[ -n "$under_way" ] || [ "$(count)" -eq "$runs" ] || under_way=$(newest)
	[ -n "$under_way" ] || continue
	lines=$(wc -l <kept)
	head -n "$lines" kept | cmp -s - <(head -n "$lines" "$under_way/samples.jsonl") || {
		bad_lost=1
		echo "# $under_way: lines were lost"
	}
	if [ $code -eq 3 ]; then
		complete "$under_way"
		under_way=''
	elif [ $code -ne 137 ]; then
		bad_run=1
		{ echo "exit code $code:"; cat started.err; } | comment
		[ $kills -lt 10 ] || break
	fi
done
[ $kills -ge 10 ]
tap $? "killed at ten points of a run"
tap $bad_left "and each time nothing is left: no process, no file, no loop device, no mount"
case $seen in *qemu-system*) true ;; *) false ;; esac
tap $? "though a guest was running when it happened"
tap $bad_lost "no window that was stored is lost"
[ $bad_run -eq 0 ] && [ -z "$under_way" ]
tap $? "--resume last completes it: every window once, no cell from two boots"

# While a kernel is built: the words of a comment that nobody has built before.
sed "s/accessed by the first of them alone/accessed by the first: $RANDOM$RANDOM/" "$ROOT/tests/kernels/comment-only.patch" >new.patch
bad_left=0 seen=''
for delay in 0 3; do
	started try --no-plots --no-count --job "$ROOT/tests/jobs/try-small.yaml" new.patch
	pid=$!
	for _ in $(seq 3000); do	# until make runs, and then a while
		if family $pid | grep -q ' make$' || ! kill -0 $pid 2>/dev/null; then
			break
		fi
		sleep 0.1
	done
	sleep $delay
	kill_it $pid
	wait $pid 2>/dev/null
	nothing_left "kill $delay s after make began"
done
tap $bad_left "killed while it builds a kernel: nothing is left either"
case $seen in *make*) true ;; *) false ;; esac
bad=$?
tap $bad "though make was running"
[ $bad -eq 0 ] || { echo "$seen"; cat started.err; } | comment
expect "the next build finds its way" 0 "" foliogate build -q small --patch new.patch
[ -z "$(ls -A "$cache/new" 2>/dev/null)" ]
tap $? "and clears away what the killed ones left in the cache"

# A cell of which only a part was written when the kill came.
cp -r "$whole" "results/$(basename "$whole")-cut"
cut=results/$(basename "$whole")-cut
sed -i '$d' "$cut/samples.jsonl"
rm -rf "$cut/report"
expect "a cell with a part of its windows is gone on with" 3 "" foliogate run -q --no-plots --no-count --resume "$(basename "$cut")"
bad_run=0
complete "$cut"
tap $bad_run "and has every window once, all from one boot"

# Ctrl-C and its like end in order.
for signal in INT TERM; do
	bad_left=0
	runs=$(count)
	started run --no-plots --no-count "$job"
	pid=$!
	for _ in $(seq 600); do
		{ [ "$(count)" -gt "$runs" ] && left_running | grep -q qemu; } && break
		sleep 0.1
	done
	sleep 1
	kill -$signal $pid
	wait $pid
	code=$?
	nothing_left "SIG$signal"
	[ $code -eq 4 ] && [ ! -s started.out ]
	tap $? "SIG$signal while a guest runs: could not measure, and no table"
	id=$(basename "$(newest)")
	grep -q "interrupted; what is complete is kept: foliogate run --resume $id" started.err
	bad=$?
	tap $bad "how to go on is said"
	[ $bad -eq 0 ] || comment <started.err
	# the environment's line may hold panic=-1, of the kernel's command line
	{ grep -E 'reject|panic|silent|incident' started.err
	  grep '"kind":"incident"' "results/$id/samples.jsonl"; } >against
	[ ! -s against ]
	tap $? "nothing is said against the kernel"
	comment <against
	tap $bad_left "and nothing is left"
done
expect "what it says goes on" 3 "" foliogate run -q --no-plots --no-count --resume "$id"
bad_run=0
complete "$(newest)"
tap $bad_run "to the end"

tap_end
