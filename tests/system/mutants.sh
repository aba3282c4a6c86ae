#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A few of the planted regressions, in the small kernel: `make mutants` judges all of them, in another. And
# whoever judges the judge is judged: what is listed wrongly must be said to be wrong.
. "$(dirname "$0")/../tap.sh"

run=$ROOT/tests/mutants/run
export FOLIOBENCH_CONFIGS=$ROOT/configs
O=$tap_dir
export O

patches() {	# NAME...: here, so that a list can stand beside them
	local name
	rm -f ./*.patch
	for name; do
		cp "$ROOT/tests/mutants/$name.patch" .
	done
}

says() {	# NAME PATTERN: of the last command's stdout
	grep -Eq -- "$2" out
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || { echo "stdout does not match $2:"; cat out; tail -n 5 "$tap_dir"/mutants/*/log; } | comment
}

refused() {	# NAME PATTERN LINE...: a list of these lines
	local name=$1 pattern=$2
	shift 2
	printf '%s\n' "$@" >list
	expect "$name" 2 "$pattern" "$run" --check --expected list
}

# The lists.
expect "every patch has its effect stated" 0 "" "$run" --check
[ "$(sed -n 's/ mutants$//p' out)" -ge 16 ]
tap $? "and there are enough of them"
grep -L '^SPDX-License-Identifier: GPL-2.0' "$ROOT"/tests/mutants/*.patch >unlicensed
[ ! -s unlicensed ]
tap $? "and its licence"
patches comment-only
refused "a list without mutants is none" "list:[0-9]+: lists no mutant" "# nothing"
refused "a verdict that there is not" "list:1: expected NAME regressed" "comment-only fine"
refused "a mutant without a patch" "nothing: there is no nothing.patch" "comment-only unchanged" "nothing unchanged"
refused "a mutant that is listed twice" "list:2: .*is there already" "comment-only unchanged" "comment-only regressed"
refused "a change that is no number" 'list:2: "stac=one" is not METRIC=CHANGE' "comment-only regressed" "	read: stac=one"
refused "a range that is upside down" "list:2: .*LEAST..MOST" "comment-only regressed" "	read: stac=+2..+1"
refused "an effect of nothing" "list:1: expected WORKLOAD" "	read: stac=+1" "comment-only unchanged"
refused "an effect without a cell" "list:2: expected WORKLOAD" "comment-only unchanged" "	stac=+1"
patches comment-only rcu-pair
refused "a patch that is not listed" "does not list .*rcu-pair.patch" "comment-only unchanged"
expect "an unknown name" 2 "lists no 'none'" "$run" none
expect "an unknown option" 2 "unknown option '--chek'" "$run" --chek
expect "programs that are not built" 4 "foliogate is not built" "$run" comment-only

skip_all() {
	tap_skip "judging mutants" "$1"
	tap_end
	exit
}
command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86_64 is not installed"
command -v jq >/dev/null || skip_all "jq is not installed"
[ -e "$BUILD/libfoliotrace.so" ] || skip_all "$BUILD/libfoliotrace.so is not built"
ln -s "$BUILD/foliogate" "$BUILD/foliobench" "$BUILD/libfoliotrace.so" .

judge() {	# NAME EXIT LIST_LINE...
	local name=$1 want=$2
	shift 2
	printf '%s\n' "$@" >list
	expect "$name" "$want" "^tests/mutants/run: " "$run" --kernel small --expected list
}

echo "# building the small kernel where the cache has it not, and two patched ones: some minutes" >&2
touch=write-touches-source-twice
effect="	write: stac=+1 clac=+1 kernel_instructions=+10..+120"
patches comment-only $touch
judge "what is worse is caught, what is not is passed" 0 "$touch regressed" "$effect" "comment-only unchanged"
says "with what was found" "^$touch +regressed +caught +write/.* \+1 STAC/CLAC pair"
says "and a sum" "^1 caught, 0 missed, 0 false; 1 passed, 0 errors; 2 of 2 effects as stated"

counted=$(stat -c %Y mutants/comment-only/counted)
judge "what is listed wrongly is not judged rightly" 1 "$touch unchanged" "$effect" "comment-only regressed"
says "a patch that costs nothing, said to be worse, is missed" "^comment-only +regressed +MISSED"
says "one that costs something, said not to, is a false alarm" "^$touch +unchanged +FALSE ALARM"
says "both are summed up" "^0 caught, 1 missed, 1 false; 0 passed"
[ "$(stat -c %Y mutants/comment-only/counted)" = "$counted" ]
tap $? "and nothing was counted again for that"

judge "another effect than the one stated" 1 "$touch regressed" "	write fs=ramfs: stac=+2 clac=+1" \
	"	read: stack=+1" "comment-only improved"
says "is told" "not as stated: write .*fs=ramfs: stac \+1, stated is \+2"
says "so is one that nothing is stated of" "not as stated: write .*fs=tmpfs: stac regressed, 2 to 3, and nothing is stated"
says "a metric that there is not" "not as stated: read: no cell is judged by stack"
says "and an improvement that is none" "^comment-only +improved +MISSED"

patches
cp "$ROOT/tests/kernels/does-not-compile.patch" .
judge "a patch that does not compile is neither caught nor missed" 4 "does-not-compile regressed"
says "but an error, with the compiler's words" "^does-not-compile +regressed +error +.*"
says "which is counted as that" "^0 caught, 0 missed, 0 false; 0 passed, 1 errors; 0 of 1"
cp "$ROOT/tests/kernels/oops-in-read.patch" .
rm does-not-compile.patch
judge "nor is one that crashes" 4 "oops-in-read regressed"
says "though the gate rejects it" "^oops-in-read +regressed +error +it was not counted to the end: .*oops"
tap_end
