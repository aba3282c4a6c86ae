#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What becomes of patches: of one that changes nothing, of those that do not apply or compile, and of those that crash,
# hang or lie. Each for real: a small kernel is built with it and booted. The first time the kernel itself is built.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results
job=$ROOT/tests/jobs/try-small.yaml
patches=$ROOT/tests/kernels

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi

run_dir() {	# of the newest run
	find results -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2
}

runs() {
	find results -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l
}

try() {
	foliogate try --no-plots --no-count --job "$job" "$@"
}

says() {	# NAME PATTERN: of the last command's stderr
	grep -Eq -- "$2" err
	local bad=$?
	tap $bad "$1"
	[ $bad -eq 0 ] || { echo "stderr does not match $2:"; tail -n 30 err; } | comment
}

# The one line that a kernel in trouble leaves in the store.
incident() {
	grep '"kind":"incident"' "$(run_dir)/samples.jsonl"
}

# The verdict and what happened, but no figure of what was measured before.
no_table() {	# NAME
	! grep -Eq '^\| .*(same|diff)' out && ! grep -Eq '^\| .*(same|diff)' "$(run_dir)/report/report.txt"
	tap $? "$1: no table"
	expect "$1: the verdict again" "$2" "" foliogate gate last
	head -n 1 out | grep -q "^$3: [a-z]*: "
	tap $? "$1: in its first line"
	expect "$1: a report of it" 0 "" foliogate report last
	expect "$1: and no comparison" 4 "has no tables: kernel '[a-z]*' ended in trouble" foliogate compare last
}

# A patch that crashes the kernel: what is said of it and kept.
bad_patch() {	# NAME PATCH KIND(S) FRAMES
	expect "$1 is rejected as that" 1 "reject: patched: ($3)" try "$patches/$2"
	says "$1: the baseline fared better" "baseline ran the same without trouble"
	if [ -n "$4" ]; then
		says "$1: in which functions" "$4"
	fi
	incident | grep -Eq "\"kernel\":\"patched\",.*\"incident\":\"($3)\",.*\"verdict\":\"reject\"" && [ "$(incident | wc -l)" -eq 1 ]
	tap $? "$1: the run holds it"
	[ -z "$4" ] || incident | grep -Eq "\"frames\":\[\".*$4"
	tap $? "$1: with its frames"
	[ -s "$(run_dir)/logs/console-patched-0.log" ] && [ -s "$(run_dir)/logs/console-baseline-0.log" ]
	tap $? "$1: both consoles are kept"
	no_table "$1" 1 reject
}

echo "# building the small kernel where the cache has it not: two minutes and more" >&2
expect "the small kernel is built" 0 "" foliogate build -q small
key=$(awk '$1 == "key" { print $2 }' out)

# One that changes nothing.
expect "a patch of a comment brings no trouble; with nothing counted that decides nothing" 3 "" try -q "$patches/comment-only.patch"
accepted=$(run_dir)
grep -Eq 'Baseline +\| +Baseline +\| +Patched +\| +Patched' out &&
	grep -Eq 'same file +\| +diff files +\| +same file +\| +diff files' out
tap $? "with a table of four columns"
grep -Eq '^\| +[a-z0-9]+ +(\| +emulated +){4}\|$' out && ! grep '^|' out | grep -q '[0-9]\.[0-9]'
tap $? "that says \`emulated\` in each"
grep -Eq '^Verified: [1-9][0-9]* ops of 4 cells on baseline, [1-9][0-9]* ops of 4 cells on patched\.$' out
tap $? "while both kernels' reads are verified"
[ "$(grep -c '"kind":"sample"' "$accepted/samples.jsonl")" -eq 8 ] &&
	[ "$(grep -c '"kind":"environment"' "$accepted/samples.jsonl")" -eq 2 ]
tap $? "and all samples of both boots are there"
grep '"kind":"environment"' "$accepted/samples.jsonl" | grep '"kernel":"patched"' |
	grep -q '"patches":\["foliobench test: nothing but a comment"\]'
tap $? "and which patch it was"
expect "the table can be had again" 0 "" foliogate compare last
expect "with --show-emulated-times" 0 "" foliogate report last --show-emulated-times
grep -Eq '^\| +ramfs +(\| +[0-9.]+ +){4}\|' out && grep -q 'emulated times, no performance' out
tap $? "with figures and a word on what they are"

# As people have patches.
expect "from standard input" 3 "" bash -c "exec foliogate try -q --no-plots --no-count --job '$job' - <'$patches/comment-only.patch'"
cmp -s "$(run_dir)/stdin.patch" "$patches/comment-only.patch"
tap $? "which is kept with the run"
{
	printf 'From: A Developer <a@example.org>\nTo: linux-mm@example.org\nSubject: =?utf-8?q?=5BPATCH=5D_mm=3A_words?=\n'
	printf 'Date: Fri, 20 Nov 2026 12:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n'
	printf 'Content-Transfer-Encoding: base64\n\n'
	sed '1,/^$/d' "$patches/comment-only.patch" | base64
} >mail.eml
expect "a mail in base64 is the patch in it" 0 "" foliogate build -q small --patch mail.eml
cp out mailed
expect "as it is alone" 0 "" foliogate build -q small --patch "$patches/comment-only.patch"
diff <(grep -w image mailed) <(grep -w image out) | comment
[ "$(awk '$1 == "key" { print $2 }' mailed)" = "$(awk '$1 == "key" { print $2 }' out)" ]
tap $? "with the same key"
[ "$(awk '$1 == "key" { print $2 }' out)" != "$key" ]
tap $? "which is not the baseline's"

# What is refused before anything is built or run.
before=$(runs) kernels=$(ls "${XDG_CACHE_HOME:-$HOME/.cache}/foliobench/kernels")
expect "a patch that does not apply" 2 "does-not-apply.patch.* cannot be applied:" try "$patches/does-not-apply.patch"
[ ! -s out ]
says "names the file and the hunk" "^  mm/filemap\.c: hunk 1 of 1, @@ -2634,9"
says "and the line that it wants" "wanted.*The moon is full: read backwards"
says "and what is there" "there is.*If we've already successfully copied some data"
expect "the reverse of one that is not in" 2 "comment-only\.patch is out of linux-source-6\.12 .*already" \
	try -R "$patches/comment-only.patch"
expect "and of one that would not even fit" 2 "does-not-apply\.patch.* cannot be taken out:" try -R "$patches/does-not-apply.patch"
says "names the file, too" "mm/filemap\.c"
# the lines of the comment as they are in the tree
cat >there.patch <<'END'
--- a/mm/filemap.c
+++ b/mm/filemap.c
@@ -2670,8 +2670,8 @@ ssize_t filemap_read(struct kiocb *iocb,
 		writably_mapped = mapping_writably_mapped(mapping);
 
 		/*
-		 * A folio that is read in several pieces is marked as
-		 * accessed by the first of them alone.
+		 * When a read accesses the same folio several times, only
+		 * mark it as accessed the first time.
 		 */
 		if (!pos_same_folio(iocb->ki_pos, last_pos - 1,
 				    fbatch.folios[0]))
END
expect "one that is in the tree already is said to be so" 2 "there\.patch is in linux-source-6\.12 .*already" try there.patch
expect "a patch that is no file" 2 "nothing\.patch" try nothing.patch
: >empty.patch
expect "an empty one" 2 "empty\.patch" try empty.patch
expect "a file that is no patch" 2 "Makefile" try "$ROOT/Makefile"
expect "no patch at all" 2 "which patch" try
expect "two from the same standard input" 2 "standard input" try - -
expect "a job that compares nothing" 2 "quick\.yaml.*kernel" foliogate try --job "$ROOT/configs/jobs/quick.yaml" "$patches/comment-only.patch"
expect "a gate that there is not" 2 "nowhere" try --gate nowhere "$patches/comment-only.patch"
[ "$(runs)" -eq "$before" ] && [ "$(ls "${XDG_CACHE_HOME:-$HOME/.cache}/foliobench/kernels")" = "$kernels" ]
tap $? "nothing of all that was built or run"

expect "a patch that does not compile" 4 "mm/filemap\.c:[0-9]+:[0-9]+: error: .*no_such_name" try "$patches/does-not-compile.patch"
says "with the compiler's lines" "^ *[0-9]+ \|.*i = no_such_name;"
! grep -Eq 'make(\[[0-9]+\])?:|Error [0-9]|^  CC' err
bad=$?
tap $bad "and no others"
[ $bad -eq 0 ] || comment <err
[ ! -s out ] && [ "$(runs)" -eq "$before" ]
tap $? "and no run"

# Kernels in trouble.
bad_patch "a panic at boot" panics-at-boot.patch "panic" "pagecache_init"
incident | grep -q 'no page cache today'
tap $? "a panic at boot: in its own words"
bad_patch "an oops in read" oops-in-read.patch "oops" "(filemap_read|generic_file_read_iter|shmem_file_read_iter)"
bad_patch "a warning in read" warns-in-read.patch "warn" "(filemap_read|generic_file_read_iter|shmem_file_read_iter)"
bad_patch "wrong bytes" wrong-bytes.patch "wrong data" ""
says "wrong bytes: in which cell and where" "read.*(offset|byte)"
bad_patch "a hang in read" hangs-in-read.patch "hung task" "(filemap_read|generic_file_read_iter|shmem_file_read_iter)"
bad_patch "a loop in read" spins-in-read.patch "soft lockup|rcu stall" "(filemap_read|generic_file_read_iter|shmem_file_read_iter)"

# Said again, and not gone on with.
before=$(cat "$(run_dir)/samples.jsonl")
expect "a rejected run cannot be gone on with" 1 "has ended: reject: patched" foliogate run --no-plots --no-count --resume last
[ "$(cat "$(run_dir)/samples.jsonl")" = "$before" ]
tap $? "and stays as it is"
expect "the listing shows what it is" 0 "" foliogate results show last
grep -Eqi 'lockup|stall' out
tap $? "with its trouble"

# Other gates, and other kernels to blame.
printf 'gate: lenient\ncrash: cannot\nwrong_data: cannot\n' >lenient.yaml
expect "a gate may take an oops for no verdict" 4 "could not measure: patched: oops" \
	try --gate lenient.yaml "$patches/oops-in-read.patch"
no_table "an oops by a lenient gate" 4 "could not measure"
expect "and wrong data, too" 4 "could not measure: patched: wrong data" \
	try --gate lenient.yaml "$patches/wrong-bytes.patch"
sed "/name: baseline/,/name: patched/ s|kernel: small|&\n    patches: [$patches/oops-in-read.patch]|" "$job" >worse.yaml
expect "a baseline in trouble says nothing about a patch" 4 "could not measure: baseline: oops" \
	foliogate run --no-plots --no-count worse.yaml
no_table "a baseline in trouble" 4 "could not measure"
job=worse.yaml
expect "nor does one with a patch on top" 4 "could not measure: (baseline|patched): oops" \
	try "$patches/comment-only.patch"

# What is compiled to the same code is counted the same, to the last instruction.
export FOLIOBENCH_RESULTS=$tap_dir/counted
mkdir counted
expect "a patch that changes no code is counted" 0 "" foliogate try -q --no-plots --job "$ROOT/tests/jobs/try-small.yaml" "$patches/comment-only.patch"
counts() {
	cat counted/*/samples.jsonl | grep "\"kind\":\"count\",\"kernel\":\"$1\"" | sed 's/.*"cell"/"cell"/'
}
[ -n "$(counts baseline)" ] && diff <(counts baseline) <(counts patched) >out
bad=$?
tap $bad "and no count of it differs from the baseline's"
[ $bad -eq 0 ] || comment <out
tap_end
