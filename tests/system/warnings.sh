#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A patch that the compiler warns of: what the run keeps of it, and what becomes of it by which gate. For real: the small
# kernel is built with it and booted. kernels.sh has what is kept of other builds.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results
cache=${XDG_CACHE_HOME:-$HOME/.cache}/foliobench
patches=$ROOT/tests/kernels
warning="unused variable 'unused' [-Wunused-variable]"

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi

try() {
	foliogate try -q --no-plots --no-count --job "$ROOT/tests/jobs/try-small.yaml" "$@"
}

# The newest run's environment line of a kernel.
environment() {
	grep -h '"kind":"environment"' "$(find results -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)/samples.jsonl" |
		grep "\"kernel\":\"$1\""
}

holds() {	# NAME KERNEL TEXT: its environment line has that
	environment "$2" | grep -qF -- "$3"
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || { echo "it lacks $3:"; environment "$2" | grep -o '"build":.*'; } | comment
}

echo "# building the small kernel where the cache has it not: two minutes and more" >&2
expect "the small kernel is built" 0 "" foliogate build -q small
key=$(awk '$1 == "key" { print $2 }' out)
if [ ! -e "$cache/kernels/$key/warnings.json" ]; then
	tap_skip "a patch that the compiler warns of" "the small kernel was built before warnings were kept"
	tap_end
	exit
fi

expect "a patch that the compiler warns of is rejected" 1 "" try "$patches/warns-at-build.patch"
head -n 1 out | grep -qF "reject: 1 new compiler warning: mm/filemap.c:2623: $warning"
tap $? "for the warning"
head -n 1 out | comment
holds "which the run holds" patched "\"new_warnings\":[{\"file\":\"mm/filemap.c\",\"line\":2623,\"column\":13,\"text\":\"$warning\"}]"
holds "of the baseline there is none" baseline '"new_warnings":[]'
holds "nor a patch" baseline '"patch_files":[],'
sum=$(sed -n '/^diff --git/,$p' "$patches/warns-at-build.patch" | sha256sum | cut -d ' ' -f 1)
holds "whose change it is" patched "\"patch_files\":[{\"name\":\"$patches/warns-at-build.patch\",\"subject\":\"foliobench test: a variable that nobody uses\",\"author\":\"foliobench <foliobench@localhost>\",\"message_id\":\"20261120120000.1-foliobench@localhost\",\"sha256\":\"$sum\",\"reverse\":false}]"

printf 'gate: g\nnew_warning: note\n' >note.yaml
expect "by a gate that only notes it, it is as undecided as what was not counted" 3 "" \
	foliogate gate last --gate ./note.yaml
grep -qF "1 new compiler warning: mm/filemap.c:2623" out
tap $? "and is noted"

# The warning moves by no line; the file is compiled anew.
cat >job.yaml <<END
$(sed "s|^    kernel: small|&\n    patches: [$patches/warns-at-build.patch]|" "$ROOT/tests/jobs/try-small.yaml")
END
expect "on a baseline that has the warning it is not new" 3 "" \
	foliogate try -q --no-plots --no-count --job job.yaml "$patches/comment-only.patch"
holds "which the run says" patched '"new_warnings":[]'
tap_end
