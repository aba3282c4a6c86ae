#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 at any moment loses at most the window under way, and --resume completes the run: the same cells, blocks and
# windows as a run never interrupted has, each once, none lost that was stored before.
. "$(dirname "$0")/../tap.sh"

cat >job.yaml <<'EOF2'
job: kill-me
blocks: 2
warmup: 1ms
windows: 3
cells:
  - workload: read
    block: [1, 512, 4k]
    sharing: [same, diff]
    ops: 20000			# about 10 ms, however busy the machine is
  - workload: null
    ops: 20000000
EOF2
runs=7			# cells
expected=$((7 * 2 * 3))

# What a run holds, with everything that time changes taken out.
content() {
	grep '"kind":"sample"' "results/$1/samples.jsonl" |
		sed -E 's/"elapsed_ns":[0-9]+,"skew_ns":[0-9]+,"ops":\[[0-9,]*\],"bytes":\[[0-9,]*\]/-/'
}

id_of() {	# the only run, or the newest
	foliogate results list --json | tr ',{' '\n\n' | sed -n 's/^ *"id": *"\(.*\)"$/\1/p' | tail -n 1
}

expect "a run never interrupted" 0 "" foliogate run -q --no-plots job.yaml
cp out whole.out
whole=$(ls results | grep kill-me)
content "$whole" >whole.txt
[ "$(wc -l <whole.txt)" -eq "$expected" ]
tap $? "has every window of every cell and block ($runs cells)"

# Kill at moments spread over the whole run, several times a run, until it is complete.
bad=0 kills=0
for delay in 0.02 0.05 0.09 0.14 0.2 0.3 0.45 0.6 0.8 1.1; do
	before=$(ls results | wc -l)
	setsid foliogate run -q --no-plots job.yaml >/dev/null 2>&1 &
	pid=$!
	sleep "$delay"
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null
	[ "$(ls results | wc -l)" -gt "$before" ] || continue	# killed before there was a run
	id=$(ls -t results | grep kill-me | head -n 1)
	[ -f "results/$id/plan.json" ] || continue
	for again in 0.05 0.25 0.5 end; do
		cp "results/$id/samples.jsonl" kept 2>/dev/null || : >kept
		if [ $again = end ]; then
			foliogate run -q --no-plots --resume "$id" >resumed.out 2>err || { bad=1; comment <err; }
		else
			setsid foliogate run -q --no-plots --resume "$id" >/dev/null 2>&1 &
			pid=$!
			sleep $again
			kill -9 $pid 2>/dev/null && kills=$((kills + 1))
			wait $pid 2>/dev/null
		fi
		# every whole line that was there is there still, at its place
		whole_lines=$(wc -l <kept)
		head -n "$whole_lines" kept | cmp -s - <(head -n "$whole_lines" "results/$id/samples.jsonl") || {
			bad=1
			echo "# $id: lines were lost after a kill"
		}
	done
	content "$id" | sort >resumed.txt
	sort whole.txt | cmp -s - resumed.txt || {
		bad=1
		echo "# $id differs after $delay s:"
		sort whole.txt | diff - resumed.txt | head -n 5 | comment
	}
done
tap $bad "killed $kills times and gone on with: the same windows as never interrupted, none lost, none twice"
[ "$kills" -ge 10 ]
tap $? "the kills did hit (at least 10 of them)"

# No driver outlives its harness.
sleep 0.2
! pgrep -f "$BUILD/foliobench run" >/dev/null
tap $? "no driver is left running"

# A torn tail is cut, and said.
id=$(ls -t results | grep kill-me | head -n 1)
lines=$(wc -l <"results/$id/samples.jsonl")
head -n $((lines - 1)) "results/$id/samples.jsonl" >cut
tail -n 1 "results/$id/samples.jsonl" | head -c 100 >>cut
cp cut "results/$id/samples.jsonl"
expect "a torn last line is cut off and measured again" 0 "torn|incomplete|cut" \
	foliogate run --no-plots --resume "$id"
content "$id" | sort | cmp -s - <(sort whole.txt)
tap $? "and the run is whole again"

cp "results/$id/samples.jsonl" before
expect "a complete run has nothing to go on with" 0 "" foliogate run -q --no-plots --resume "$id"
cmp -s before "results/$id/samples.jsonl"
tap $? "and is left as it is"

# SIGINT ends in order, and says how to go on. (A shell without job control starts
# what is in the background with SIGINT ignored, and what is ignored stays so.)
env --default-signal=INT foliogate run --no-plots job.yaml --set ops=5000000 >/dev/null 2>err &
pid=$!
sleep 1
kill -INT $pid
wait $pid
code=$?
[ $code -eq 4 ] && grep -q "interrupted; what is complete is kept: foliogate run --resume" err
tap $? "SIGINT stops in order and says how to go on"

# Expected: goes on to the end. Buggy: a run under nohup was ended by the end of its session.
env --ignore-signal=HUP foliogate run -q --no-plots job.yaml >/dev/null 2>err &
pid=$!
sleep 0.3
kill -HUP $pid
wait $pid
tap $? "an ignored SIGHUP stays ignored"

# Expected: ends at the next cell.
# Buggy: measured on to the end, into files that nobody would ever see.
foliogate run -q --no-plots --results gone job.yaml >/dev/null 2>err &
pid=$!
for _ in $(seq 100); do
	[ -e gone/*/plan.json ] && break
	sleep 0.02
done
until rm -rf gone 2>/dev/null; do	# a file may be made in it meanwhile
	:
done
wait $pid
# seen at the end of a cell, or where the next one's log cannot be opened
[ $? -eq 4 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -e gone ] &&
	grep -Eq 'error: .*(removed while it was written|driver.log: No such file)' err
gone=$?
tap $gone "a run whose directory is removed ends with an error"
[ $gone -eq 0 ] || comment <err

# Expected: refused before anything is measured. Buggy: said after hours, with exit code 4.
mkdir bin
expect "without gnuplot nothing is measured" 4 "gnuplot is not installed" \
	env PATH="$PWD/bin" "$BUILD/foliogate" run --results no-gnuplot job.yaml
[ ! -e no-gnuplot ]
tap $? "and no run is left"

# Expected: the notes of --set are lines of their own.
# Buggy: the first was glued to a last line without an end.
printf '%s' "$(cat job.yaml)" >no-newline.yaml
foliogate run -q --no-plots no-newline.yaml --set blocks=1 >/dev/null
id=$(ls -t results | grep kill-me | head -n 1)
tail -n 1 "results/$id/job.yaml" | grep -qx '# --set blocks=1'
tap $? "the job is kept with --set noted on a line of its own"

# Expected: refused. Buggy: stored, after which the run could not be read.
cat >no-object.sh <<END
#!/bin/sh
[ "\$1" != env ] || { echo '[]'; exit 0; }
exec '$BUILD/foliobench' "\$@"
END
chmod +x no-object.sh
expect "an environment that is no object is refused" 4 "env: JSON, but no object" \
	foliogate run -q --no-plots --driver ./no-object.sh job.yaml
expect "and the run can be read" 0 "" foliogate compare -q last

expect "a run that is not there" 4 "no run|No such|not a run" foliogate run --resume nothing-like-this
expect "a job and --resume together" 2 "give no other" foliogate run job.yaml --resume last
tap_end
