#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nights with a regression planted at a known kernel: history finds it and names the kernel. Ten years of nights are
# queried and judged in the time that is promised.
. "$(dirname "$0")/../tap.sh"

cat >job.yaml <<'EOF2'
job: nightly
blocks: 1
warmup: 1ms
windows: 1
window: 2ms
cells:
  - workload: read
    block: [512, 4k]
EOF2

expect "without runs there is a word and no error" 0 "results: no runs yet; .foliogate run JOB. makes one" foliogate history

expect "a real run, of which the nights are copies" 0 "" foliogate run -q --no-plots job.yaml
mv results/*-nightly real

# night NUMBER RELEASE OPS...: a run whose cells did so many ops a window of 2 ms
night() {
	local n=$1 release=$2 id
	shift 2
	id=results/$(date -u -d "2026-01-01 + $n days" +%Y-%m-%dT02-00-00-nightly)
	mkdir -p "$id"
	cp real/plan.json "$id"
	awk -v release="$release" -v all="$*" '
		BEGIN { split(all, ops, " ") }
		/"kind":"environment"/ {
			sub(/"release":"[^"]*"/, "\"release\":\"" release "\"")
			sub(/"build_id":"[^"]*"/, "\"build_id\":\"" release "\"")
			print
		}
		/"kind":"sample"/ {
			sub(/"elapsed_ns":[0-9]+/, "\"elapsed_ns\":2000000")
			sub(/"ops":\[[0-9]+\]/, "\"ops\":[" ops[++n] "]")
			print
		}' real/samples.jsonl >"$id/samples.jsonl"
}

# Night 41, 2026-02-11, brings 6.12.118 and 6 % fewer reads of 512 bytes; 4k stays. Noise: 1 %.
for n in $(seq 1 60); do
	noise=$((n * 7919 % 21 - 10)) other=$((n * 104729 % 21 - 10))
	if [ "$n" -lt 41 ]; then
		night "$n" 6.12.117 $((10000 + noise * 10)) $((20000 + other * 20))
	else
		night "$n" 6.12.118 $((9400 + noise * 10)) $((20000 + other * 20))
	fi
done

expect "the list of series" 0 "" foliogate history
[ "$(grep -c '^ops_per_s ' out)" -eq 2 ] && [ "$(grep -c '^ns_per_op ' out)" -eq 2 ]
tap $? "has each metric of each cell"
grep -Eq '^ops_per_s +read block=512 .* 60 .*2026-02-11 -6\.[0-9]% worse with 6\.12\.118$' out
tap $? "and the newest change point, with its kernel" || comment <out

expect "the history of one metric" 0 "" foliogate history ops_per_s
cp out text
grep -A 1 '^  2026-02-11  -6\.[0-9]% worse, .* ops/s, p 0\.001$' text | grep -q '6\.12\.117.* -> 6\.12\.118'
tap $? "says when, how much, which way, and from which kernel to which" || comment <text
[ "$(grep -c -e ' -> 6\.12\.118' text)" -eq 1 ] && grep -q 'no change point' text
tap $? "and that the other cell did not change"
grep -q '^ *run 2026-02-11T02-00-00-nightly$' text
tap $? "and which run was the first"

expect "time an op goes the other way" 0 "" foliogate history ns_per_op --cell block=512
grep -q '^  2026-02-11  +6\.[0-9]% worse' out
tap $? "and is worse all the same"

expect "as JSON" 0 "" foliogate history ops_per_s --cell block=512 --format json
grep -q '"at": "2026-02-11T02:00:00Z"' out && grep -q '"release": "6.12.118"' out && grep -q '"p": 0.001' out &&
	grep -q '"kernel_nights": 0' out && [ "$(grep -c '\-nightly",*$' out)" -eq 62 ]
tap $? "it has the change point, its kernels, and all points"
if command -v jq >/dev/null; then
	[ "$(jq '.series[0].changes | length' out)" = 1 ]
	tap $? "and jq reads it"
else
	tap_skip "and jq reads it" "jq is not installed"
fi

expect "as CSV" 0 "" foliogate history ops_per_s --format csv
[ "$(wc -l <out)" -eq 121 ] && [ "$(grep -c ',-0\.06[0-9]*.$' out)" -eq 1 ]
tap $? "it has a line a night, and the change at its own"

expect "a larger minimum magnitude" 0 "" foliogate history ops_per_s --min-magnitude 8%
! grep -q worse out
tap $? "leaves the change out"
expect "nights since the change alone" 0 "" foliogate history ops_per_s --since 2026-02-11
[ "$(grep -c '20 nights' out)" -eq 2 ] && ! grep -q worse out
tap $? "have none"

if command -v gnuplot >/dev/null; then
	expect "drawn in the terminal" 0 "" foliogate history ops_per_s --cell block=512 --plot
	grep -q '6\.12\.118' <(sed 1,10d out)
	tap $? "with the kernel at its place"
	expect "drawn as SVG" 0 "" foliogate history ops_per_s --svg drawn
	[ -s drawn/history-ops_per_s-1.svg ] && grep -q '6\.12\.118' drawn/history-ops_per_s-1.svg &&
		! grep -q '6\.12\.118' drawn/history-ops_per_s-2.svg
	tap $? "a file for each series"
	expect "a file is for one series" 4 "there are 2 series; name a directory" foliogate history ops_per_s --svg x.svg
	expect "which it draws" 0 "" foliogate history ops_per_s --cell block=512 --svg x.svg
	cmp -s x.svg drawn/history-ops_per_s-1.svg || [ -s x.svg ]
	tap $? "into that file"
	if command -v xmllint >/dev/null; then
		xmllint --noout x.svg drawn/*.svg 2>err
		tap $? "well-formed" || comment <err
	else
		tap_skip "well-formed" "xmllint is not installed"
	fi
else
	tap_skip "drawings" "gnuplot is not installed"
fi

# What is wrong

expect "a metric that nobody has" 2 "history: 'ops_per_sec' is not one of bytes_per_s, .*did you mean 'ops_per_s'" \
	foliogate history ops_per_sec
expect "a cell that there is none of" 2 "results: no night fits ops_per_s --cell block=1k; .foliogate history. lists" \
	foliogate history ops_per_s --cell block=1k
expect "a metric that was not taken" 2 "no night fits stac" foliogate history stac
expect "a date that is none" 2 "since 'yesterday' is no date like 2026-11-21" foliogate history --since yesterday
expect "a percentage that is none" 2 "min-magnitude 'much' is no percentage" foliogate history --min-magnitude much
expect "a format that is none" 2 "format 'jsn' is not one of text, json, csv .did you mean 'json'" \
	foliogate history --format jsn
expect "a window too small" 2 "window '9' is not 0 .* or 10 to" foliogate history --window 9
expect "a drawing of everything" 2 "svg needs a METRIC" foliogate history --svg drawn

sed -i '2s/"ops"/"oops"/' results/2026-02-01T02-00-00-nightly/samples.jsonl
expect "a damaged night is said" 0 \
	"2026-02-01T02-00-00-nightly/samples.jsonl:2: .*left out of the index" foliogate history ops_per_s
[ "$(grep -c '59 nights' out)" -eq 2 ] && grep -q '^  2026-02-11  -6' out
tap $? "and left out, and the others say what they said"
rm -r results/2026-02-01T02-00-00-nightly
sed -i 2d results/2026-02-02T02-00-00-nightly/samples.jsonl
expect "a night that is not complete" 0 "1 run is left out: not complete" foliogate history ops_per_s
[ "$(grep -c '58 nights' out)" -eq 2 ]
tap $? "is left out too"

# Ten years. The promise is 200 ms and 10 s; a busy machine gets three times that.

if ! [ -e "$BUILD/parts.a" ] || ! (cd "$ROOT" && eval "$(cat "$BUILD/.flags")" -o "$tap_dir/history-user" \
		tests/system/history_user.c "$BUILD/parts.a" "$(pkg-config --libs hwloc jansson yaml-0.1 sqlite3 gsl \
		libarchive libelf libgcrypt libzstd)" -lm) 2>err; then
	tap_skip "ten years" "the program that makes them cannot be built here: $(head -n 1 err 2>/dev/null)"
	tap_end
	exit 0
fi
mkdir years
expect "3650 nights of 44 cells and 10 metrics" 0 "" ./history-user make years 3650
expect "are loaded and judged" 0 "" ./history-user time years 3
comment <out
awk '$1 == "all" && $3 == 440 && $5 == 1606000 && $7 < 600 { found = 1 } END { exit !found }' out
tap $? "all of them loaded in time"
awk '$1 == "ops_per_s" && $3 == 44 && $5 == 160600 && $7 < 600 { found = 1 } END { exit !found }' out
tap $? "and one metric"
awk '$1 == "all" && $9 < 30000 && $13 > 1000 { found = 1 } END { exit !found }' out
tap $? "and judged in time"
expect "foliogate itself reads them" 0 "" foliogate history ops_per_s --cell 'block=4k sharing=same' --results years
grep -q '3650 nights, 2016-11-21 to 2026-11-18' out
tap $? "from the first night to the last"

tap_end
