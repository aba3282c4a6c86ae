#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A driver that crashes, lies or hangs is an error that says so; nothing it made up is stored.
. "$(dirname "$0")/../tap.sh"

cat >job.yaml <<'END'
job: lies
windows: 2
warmup: 0
cells:
  - workload: read
    block: [1, 4k]
    ops: 1000
END

# liar BODY: a driver that is honest about all but measuring, where BODY is run
liar() {
	cat >liar.sh <<END
#!/bin/sh
case \$1 in describe | env) exec '$BUILD/foliobench' "\$@" ;; esac
[ "\$2" != --dry-run ] || exec '$BUILD/foliobench' "\$@"
$1
END
	chmod +x liar.sh
}

stored() {	# how many samples the newest run has
	cat results/"$(ls results | tail -n 1)"/samples.jsonl | grep -c '"kind":"sample"'
}

case_of() {	# NAME BODY PATTERN: the error, once, and no sample
	rm -rf results
	liar "$2"
	expect "$1" 4 "$3" foliogate run -q --no-plots --driver ./liar.sh job.yaml
	[ "$(grep -c 'foliogate: error' err)" -eq 1 ]
	tap $? "$1: one error"
	[ "$(stored)" -eq "${4:-0}" ]
	tap $? "$1: ${4:-0} samples stored"
}

case_of "garbage" "echo garbage" "printed what is no sample: .*: garbage"
case_of "nothing at all" "exit 0" 'left out windows from 0 on of "read block=1|left out windows from 0 on of "read block=4k'
case_of "another cell" "exec '$BUILD/foliobench' \"\$@\" block=2" 'measured window 0 of "read block=2 .* was asked for'
case_of "a window too early" "exec '$BUILD/foliobench' \"\$@\" first=1" 'measured window 1 of .* but window 0 of'
# Expected: the third window is refused. Buggy: it was stored, and the cell was said to be incomplete.
case_of "more windows than asked for" "exec '$BUILD/foliobench' \"\$@\" windows=5" \
	'measured more windows than the 2 of' 2
case_of "a driver that is killed" 'kill -9 $$' "killed by signal 9"

liar "echo 'foliobench: error: no luck' >&2; exit 4"
expect "a driver's own error is passed on" 4 '^foliobench: error: no luck$' \
	foliogate run -q --no-plots --driver ./liar.sh job.yaml
[ "$(wc -l <err)" -eq 1 ]
tap $? "and nothing is added to it"

expect "a driver that is not there" 4 'run ./nowhere: No such file' foliogate run --driver ./nowhere job.yaml

# Expected: the reports are there. Buggy: a reader that stopped after a line ended the program before they were.
rm -rf results
foliogate run -q --no-plots job.yaml | head -n 1 >out
for format in txt json csv; do
	[ -s "$(echo results/*/report/report.$format)" ]
	tap $? "report.$format is written though nobody reads to the end"
done
tap_end
