#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The page that a run leaves, made by the commands that make it, and looked at by tidy, which knows HTML and
# nothing of us: of one kernel, of two, of one in trouble; with plots and without.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_PLOTS=$ROOT/plots FOLIOBENCH_RESULTS=$tap_dir/results
export TMPDIR=$tap_dir/tmp
mkdir tmp

cat >job.yaml <<'END'
job: page
blocks: 8
warmup: 0s
windows: 1
window: 2ms
cells:
  - workload: read
    threads: 2
    file_size: 64k
    block: [1, 4k]
    sharing: [same, diff]
END

valid() {	# NAME PAGE
	if ! command -v tidy >/dev/null; then
		tap_skip "$1 is valid" "tidy is not installed"
	else
		[ -s "$2" ] && tidy -q -e "$2" >why 2>&1
		local bad=$?
		tap $bad "$1 is valid"
		[ $bad -eq 0 ] || head -n 20 why | comment
	fi
	[ -s "$2" ] && ! grep -Eo '(src|href|action)="[^"#][^"]*"|url\([^)#][^)]*\)|https?://[^ <]*|@import' "$2" | grep -v '^href="data:,"$' >why
	tap $? "$1 needs nothing from elsewhere"
	[ "$(wc -c <"$2")" -lt 1000000 ]
	tap $? "$1 is smaller than a megabyte"
}

# One kernel, measured here.
expect "a run" 0 "" foliogate run -q job.yaml
run=$(ls -d results/*-page)
valid "the page of a run" "$run/report/report.html"
grep -q '<h1>Measured</h1>' "$run/report/report.html"
tap $? "it has no verdict"
grep -q 'report/report.html$' out
tap $? "its path is printed"
if command -v gnuplot >/dev/null; then
	grep -q '<svg role="img" aria-label="throughput-by-block-1"' "$run/report/report.html"
	tap $? "it holds the plot"
	expect "the page made again" 0 "" foliogate report -q last --format html --output again.html
	cmp again.html "$run/report/report.html" >/dev/null
	tap $? "is the same"
	rm "$run"/report/*.svg
	expect "and without the run's drawings" 0 "" foliogate report -q last --format html --output again.html
	cmp again.html "$run/report/report.html" >/dev/null
	tap $? "it is still the same"
	[ -z "$(ls -A tmp)" ] && ! ls "$run"/report/*.svg >/dev/null 2>&1
	tap $? "and they are left nowhere"
else
	tap_skip "plots in the page" "gnuplot is not installed"
fi

# The policy lets the browser run this script and no other.
page=$run/report/report.html
named=$(sed -n "s/.*script-src 'sha256-\([^']*\)'.*/\1/p" "$page")
sed -n '/<script>/,/<\/script>/p' "$page" | sed '1s/.*<script>//; $s/<\/script>.*//' | head -c -1 >script
digest=$(sha256sum script | cut -d ' ' -f 1 | sed 's/../\\x&/g')
# shellcheck disable=SC2059 # the format is what is to be printed
[ -n "$named" ] && [ "$(printf "$digest" | base64)" = "$named" ]
tap $? "the script is the one that the policy names"

# Without gnuplot there is a page, and a word.
mkdir bin
ln -s "$(command -v foliogate)" bin/
expect "without gnuplot" 0 "holds no plots" env PATH="$tap_dir/bin" foliogate report last --format html --output bare.html
valid "the page without plots" bare.html
grep -q 'None were drawn' bare.html
tap $? "says that there are none"
expect "a page that shall have none" 0 "" foliogate report -q last --format html --no-plots --output bare2.html
cmp bare.html bare2.html >/dev/null
tap $? "is the same"

# Two kernels: what was measured here twice, the second time with a name of its own and half the ops.
two=results/2026-01-01T00-00-00-two
mkdir -p $two/report
cp "$run"/job.yaml "$run"/gate.yaml $two/
guest='"guest":{"cpus":2,"memory":2147483648,"accel":"kvm","disk":"ram","disk_size":1073741824,"cmdline":null,'
guest+='"overcommit":false,"huge_pages":false,"numa_node":null},"emulated":false,'
guest+='"kernel_order":[[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1]]'
kernel='{"name":"NAME","kernel":"6.12","patches":[],"cmdline":null}'
kernels="\"kernels\":[${kernel/NAME/baseline},${kernel/NAME/patched}],$guest"
tr -d '\n' <"$run/plan.json" | sed "s#\"kernels\": *\[[^]]*\]#$kernels#" >$two/plan.json
for name in baseline patched; do
	[ "$name" = baseline ] && ops=2000 || ops=1000
	sed "s/\"kernel\":\"running\"/\"kernel\":\"$name\"/; s/\"ops\":\[[0-9]*,[0-9]*\]/\"ops\":[$ops,$ops]/" \
		"$run/samples.jsonl"
done >$two/samples.jsonl
expect "two kernels" 0 "" foliogate report -q $two --format html --output two.html
valid "the page of two kernels" two.html
grep -q '<header class="reject"' two.html
tap $? "tells the verdict"
grep -q 'id="sorted"' two.html
tap $? "and has all findings"

# A kernel in trouble.
printf '%s\n' '{"schema":1,"kind":"incident","kernel":"patched","block":0,"cell":null,"incident":"oops",
"what":"BUG: <b>&amp;]]>","task":null,"frames":["a+0x1/0x2"],"verdict":"reject"}' | tr -d '\n' >>$two/samples.jsonl
echo >>$two/samples.jsonl
expect "a kernel in trouble" 0 "" foliogate report -q $two --format html --output trouble.html
valid "the page of a kernel in trouble" trouble.html
grep -q 'What happened</h2>' trouble.html && grep -q 'BUG: &lt;b&gt;' trouble.html && ! grep -q '<h2>Measured' trouble.html
tap $? "tells of it, and has no tables"

expect "a format that there is not" 2 "did you mean 'html'" foliogate report last --format htm
tap_end
