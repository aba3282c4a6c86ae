#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The mail that a run is reported by, read by what reads mails of the kernel's lists: git mailinfo.
. "$(dirname "$0")/../tap.sh"

if ! command -v git >/dev/null; then
	tap_skip "a mail is read by git" "no git"
	tap_end
	exit 0
fi
export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_PLOTS=$ROOT/plots FOLIOBENCH_RESULTS=$tap_dir/results
export HOME=$tap_dir GIT_CONFIG_NOSYSTEM=1
run=results/2026-11-21T11-02-03-ab
cell='read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'
id=7d6e3c6bc5405bab
subject='mm/filemap: Zähler für Leser eines Folios, das von vielen zugleich gelesen wird 页面缓存'

environment() { # KERNEL PATCHES
	printf '{"schema":1,"kind":"environment","kernel":"%s","block":0,"at":"2026-11-21T11:02:03Z",' "$1"
	printf '"environment":{"cpu":{"model":"Some CPU","hypervisor":"tcg"}},"guest":{"accel":"tcg","cpus":2},'
	printf '"build":{"key":"%s","release":"6.12.117","source":"linux","patches":[],"patch_files":[%s]}}\n' "$1" "$2"
}

count() { # KERNEL STAC
	printf '{"schema":1,"kind":"count","kernel":"%s","cell":"%s","name":"%s","threads":2,"ops":120,' "$1" $id "$cell"
	printf '"at_mode":120,"interrupted":0,"modes":1,"paths":1,"share":1,"stable":true,"bytes_per_op":4096,'
	printf '"arm64":false,"qemu":"7.2.22","counts":{"kernel_instructions":1348,"stac":%d,"clac":%d,"atomics":4}}\n' "$2" "$2"
}

mkdir -p $run
cat >$run/plan.json <<END
{"schema":1,"job":"ab","seed":1,"warmup_ns":0,"window_ns":100000000,"windows":1,"blocks":1,
 "kernels":[{"name":"baseline","kernel":"small","patches":[],"cmdline":null},
  {"name":"patched","kernel":"small","patches":[{"path":"-","reverse":false}],"cmdline":null}],
 "guest":{"cpus":2,"memory":268435456,"accel":"tcg","disk":"ram","disk_size":1073741824,"cmdline":null,
  "overcommit":false,"huge_pages":false,"numa_node":null},"emulated":true,"kernel_order":[[0,1]],
 "cells":[{"id":"$id","name":"$cell","argv":["${cell// /\",\"}"]}],
 "tables":[{"title":null,"rows":"block","columns":null,"row":["4k"],"column":[""],"cell":[[0]]}],"order":[[0]]}
END
printf 'job: ab\n' >$run/job.yaml
{
	environment baseline ""
	environment patched "{\"name\":\"-\",\"subject\":\"$subject\",\"author\":null,\"message_id\":\"20261120.1@example.org\",\"sha256\":\"00\",\"reverse\":false}"
	count baseline 1
	count patched 2
} >$run/samples.jsonl

expect "the mail is written" 0 "" foliogate report last --format mail
mv out mail
git mailinfo body patch <mail >info 2>err
tap $? "git takes it apart"
comment <err
grep -qxF "Subject: $subject - foliobench: reject" info
tap $? "its subject is read back, whatever the script"
comment <info
[ ! -s err ] && [ ! -s patch ]
tap $? "and no line of it is taken for a patch"
grep -q '^Verdict: reject: read' body && grep -q '^| read.*STAC/CLAC pairs' body
tap $? "the verdict and what decided it are in the body"
grep -A 3 '^    make$' body | grep -q 'b4 am -o - 20261120.1@example.org |'
tap $? "and so are the commands"
grep -qxF 'In-Reply-To: <20261120.1@example.org>' mail && grep -qxF 'References: <20261120.1@example.org>' mail
tap $? "it answers the patch"
grep -qx 'Date: Sat, 21 Nov 2026 11:02:03 +0000' info
tap $? "it is dated as the run"
awk 'NF == 0 { exit } length > 76 { bad = 1 } END { exit bad }' mail
tap $? "no line of its head is longer than 76"
# git mailsplit wants what begins as an mbox does.
mkdir split
{
	echo 'From foliobench Thu Jan  1 00:00:00 1970'
	cat mail
} >mbox
git mailsplit -osplit mbox >/dev/null && sed 1d split/0001 | cmp -s mail -
tap $? "an mbox holds it as one mail, unchanged"
tap_end
