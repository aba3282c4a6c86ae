#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The verdict on stored runs: of samples as a machine with KVM would leave them, written here, with changes of known
# size. What is judged, said, kept, and with which exit code it ends; and when a run needs no more blocks.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_PLOTS=$ROOT/plots FOLIOBENCH_RESULTS=$tap_dir/results
same='read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'
diff='read block=4k file_size=4k sharing=diff pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'
same_id=7d6e3c6bc5405bab diff_id=6f29355635d7ec92

words() { # CELL: as JSON
	printf '"%s"' "$1" | sed 's/ /","/g'
}

# plan DIR BLOCKS FIRST STEP [REBUILT]
plan() {
	local order="" kernels="" block
	for ((block = 0; block < $2; block++)); do
		order+="${order:+,}[0,1]"
		kernels+="${kernels:+,}[$((block % 2)),$(((block + 1) % 2))]"
	done
	mkdir -p "$1/logs"
	cat >"$1/plan.json" <<-END
		{"schema":1,"job":"ab","seed":1,"warmup_ns":0,"window_ns":100000000,"windows":2,"blocks":$2,
		 "blocks_first":$3,"blocks_step":$4,
		 "kernels":[{"name":"baseline","kernel":"small","patches":[],"cmdline":null},
		  {"name":"patched","kernel":"small","patches":[],"cmdline":null${5:+,\"rebuild\":true}}],
		 "guest":{"cpus":2,"memory":268435456,"accel":"kvm","disk":"ram","disk_size":1073741824,"cmdline":null,
		  "overcommit":false,"huge_pages":false,"numa_node":null},"emulated":false,"kernel_order":[$kernels],
		 "cells":[{"id":"$same_id","name":"$same","argv":[$(words "$same")]},
		  {"id":"$diff_id","name":"$diff","argv":[$(words "$diff")]}],
		 "tables":[{"title":null,"rows":"block","columns":"sharing","row":["4k"],"column":["same","diff"],"cell":[[0,1]]}],
		 "order":[$order]}
	END
	printf 'job: ab\n' >"$1/job.yaml"
}

# samples BLOCKS SAME DIFF NOISE: the patched kernel's change in percent in either cell, and how far boots scatter
samples() {
	awk -v blocks="$1" -v same="$2" -v diff="$3" -v noise="$4" -v same_id="$same_id" -v diff_id="$diff_id" \
		-v same_name="$same" -v diff_name="$diff" '
	function sample(kernel, block, id, name, window, ops) {
		printf "{\"schema\":1,\"kind\":\"sample\",\"kernel\":\"%s\",\"block\":%d,\"cell\":\"%s\",\"name\":\"%s\",", kernel, block, id, name
		printf "\"window\":%d,\"threads\":2,\"elapsed_ns\":100000000,\"skew_ns\":1000,\"ops\":[%d,%d],", window, ops, ops
		printf "\"bytes\":[%d,%d],\"cpus\":[0,1],\"oversubscribed\":false}\n", ops * 4096, ops * 4096
	}
	function boot(kernel, block, change_same, change_diff,   w) {
		printf "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"%s\",\"block\":%d,\"at\":\"2026-11-21T11:%02d:00Z\",", kernel, block, block
		printf "\"environment\":{\"cpu\":{\"model\":\"Some CPU\"}},\"guest\":{\"accel\":\"kvm\",\"cpus\":2,\"memory\":268435456,\"qemu\":\"7.2.22\",\"boot_ns\":1,\"retries\":0},"
		printf "\"build\":{\"key\":\"%s\",\"release\":\"6.12.117\",\"source\":\"linux-source-6.12\",\"patches\":[],\"cmdline\":null}}\n", kernel
		for (w = 0; w < 2; w++)
			sample(kernel, block, same_id, same_name, w, 1000000 * (1 + change_same / 100) * (1 + noise * (rand() - .5) / 100) + w)
		for (w = 0; w < 2; w++)
			sample(kernel, block, diff_id, diff_name, w, 3000000 * (1 + change_diff / 100) * (1 + noise * (rand() - .5) / 100) + w)
	}
	BEGIN {
		srand(7)
		for (b = 0; b < blocks; b++) {
			boot("baseline", b, 0, 0)
			boot("patched", b, same, diff)
		}
	}'
}

stored() { # NAME BLOCKS SAME DIFF NOISE [PLANNED FIRST STEP]
	plan "results/$1" "${6:-$2}" "${7:-$2}" "${8:-4}"
	samples "$2" "$3" "$4" "$5" >"results/$1/samples.jsonl"
}

says() { # NAME PATTERN: the first line of what the last command printed
	head -n 1 out | grep -Eq -- "$2"
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || head -n 1 out | comment
}

stored slower 8 -5 0 0.5
expect "five percent less is a reject" 1 "" foliogate gate slower
says "the first line names cell, change and metric" '^reject: read/same -[45]\.[0-9]% ops/s \(p 0\.0078\), between -[0-9.]+% and -[0-9.]+%'
expect "its line alone" 1 "" foliogate gate --headline slower
[ "$(wc -l <out)" -eq 1 ]
tap $? "is one line"
expect "for git bisect too" 1 "" foliogate gate --bisect slower

stored faster 8 4 0 0.5
expect "four percent more is accepted" 0 "" foliogate gate faster
says "and said to be an improvement" '^accept: nothing regressed: 1 finding unchanged, 1 improved, first of all read/same \+[34]\.'

stored alike 8 0 0 0.5
expect "no change is accepted" 0 "" foliogate gate alike

stored noisy 8 -3 0 20
expect "what boots scatter more than it changes is inconclusive" 3 "" foliogate gate noisy
says "and so says the first line" '^inconclusive: read/'
expect "which is 125 for git bisect" 125 "" foliogate gate --bisect noisy

stored few 4 -5 0 0.5
expect "four blocks decide nothing" 3 "" foliogate gate few
grep -q 'too few blocks' out
tap $? "and that is the reason given"

stored rebuilt 8 -5 0 0.5
plan results/rebuilt 8 8 4 rebuilt
expect "a baseline slower than itself is our own fault" 4 "" foliogate gate rebuilt
says "and said to be" '^could not measure: the baseline against itself, rebuilt, is not unchanged'
expect "also 125 for git bisect" 125 "" foliogate gate --bisect rebuilt

# Gates from files.
cat >lax.yaml <<'END'
gate: lax
metrics:
  - metric: ops_per_s
    minimum: 10%
END
expect "a gate that allows ten percent accepts five" 0 "" foliogate gate --gate lax.yaml slower
sed 's/ops_per_s/opps_per_s/' lax.yaml >typo.yaml
expect "an unknown metric is refused with its place" 2 "^typo.yaml:3:13: unknown metric 'opps_per_s' \(did you mean 'ops_per_s'\?\)" \
	foliogate gate --gate typo.yaml slower
expect "and is 125 for git bisect, not bad" 125 "typo.yaml" foliogate gate --bisect --gate typo.yaml slower
printf 'cells:\n  - {workload: read, blok: 4k}\n' | cat lax.yaml - >cells.yaml
expect "and so is an unknown parameter of its cells" 2 "^cells.yaml:6:22: unknown parameter 'blok' .*did you mean 'block'" \
	foliogate gate --gate cells.yaml slower
printf 'cells:\n  - workload: write\n' | cat lax.yaml - >nothing.yaml
expect "nor is a wrong command line bad" 125 "" bash -c 'foliogate gate --bisect --nosuch slower 2>/dev/null'
expect "a gate for other cells is refused" 2 "nothing.yaml: cells: none of job 'ab'" foliogate gate --gate nothing.yaml slower
expect "also before anything is built" 2 "nothing.yaml: cells: none of job 'try-small'" \
	foliogate run --dry-run --gate nothing.yaml "$ROOT/tests/jobs/try-small.yaml"
expect "a gate that is not there" 2 "lax-typo.yaml" foliogate gate --gate lax-typo.yaml slower
expect "a run that is not there" 4 "no run" foliogate gate nowhere
mkdir -p results/damaged
cp -r results/slower/plan.json results/damaged/
{ head -n 3 results/slower/samples.jsonl; echo '{"schema":1,'; sed -n '4,$p' results/slower/samples.jsonl; } >results/damaged/samples.jsonl
expect "a damaged run is not judged" 4 "damaged/samples.jsonl:4: " foliogate gate damaged
rm -r results/damaged
expect "on a full disk nothing is accepted" 4 "No space left" bash -c 'exec foliogate gate faster >/dev/full'

# A run of up to 20 blocks, stopped after 8: decided or not?
stored enough 12 -5 0 0.5 20 8 4
expect "a run that is decided is not measured further" 1 "" foliogate run -q --no-plots --resume enough
says "its report begins with the verdict" '^reject: read/same'
grep -q '"final": true' results/enough/verdict.json && grep -q '"outcome": "reject"' results/enough/verdict.json
tap $? "verdict.json has it, as final"
[ "$(grep -c '"kind":"sample"' results/enough/samples.jsonl)" -eq 96 ]
tap $? "no sample was added"
for f in txt json csv html; do
	[ -s "results/enough/report/report.$f" ]
	tap $? "there is a report.$f"
done
foliogate results list >list 2>&1
grep enough list | grep -q reject
tap $? "results list shows the verdict"

stored early 9 -5 0 0.5 20 10 5
expect "between two looks nothing is decided" 3 "" foliogate gate early
stored looked 12 -5 0 0.5 20 10 5
expect "what the look at ten blocks decided holds" 1 "" foliogate gate looked

# Killed after the incident was stored, and before its verdict was.
stored oopsed 1 0 0 0.5
printf '%s' '{"schema":1,"kind":"incident","kernel":"patched","block":0,"cell":null,"incident":"oops","what":"BUG: a",' \
	'"task":null,"frames":["b+0x1/0x2"],"verdict":"reject"}' >>results/oopsed/samples.jsonl
echo >>results/oopsed/samples.jsonl
expect "a run that a kernel in trouble ended is judged when it is gone on with" 1 "has ended: reject" \
	foliogate run --no-plots --resume oopsed
says "with its verdict first" '^reject: patched: oops: BUG: a in b\+0x1/0x2$'
[ -s results/oopsed/verdict.json ] && [ -s results/oopsed/report/report.html ]
tap $? "which is kept, with its reports"

# Nothing is lost where the verdict cannot be written.
stored readonly 8 -5 0 0.5
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w results/readonly
	expect "a directory that cannot be written" 4 "readonly" foliogate run -q --no-plots --resume readonly
	chmod u+w results/readonly
else
	mkdir results/readonly/verdict.json
	expect "a directory in the place of verdict.json" 4 "verdict.json" foliogate run -q --no-plots --resume readonly
	rmdir results/readonly/verdict.json
fi
expect "the run can still be judged" 1 "" foliogate gate readonly

tap_end
