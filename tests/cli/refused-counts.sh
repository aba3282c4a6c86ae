# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be counted is refused before anything is built; a run that ended in trouble stays ended.
export FOLIOBENCH_CONFIGS=$ROOT/configs
job='job: x\nkernels:\n  - {name: baseline, kernel: "6.12"}\n  - {name: patched, kernel: "6.12"}\nguest: {cpus: 2}\n'
try() # JOB OPTION...
{
	printf '%b' "$1" >job.yaml
	shift
	foliogate count "$@" job.yaml 2>&1 | sed "s|$ROOT|ROOT|"
}
reads="${job}cells: [{workload: read, threads: 2, file_size: 4k, block: 1, fs: ramfs}]\n"
for ops in 0 x -1 1e3 100001 99999999999999999999999; do
	try "$reads" --ops=$ops
done
try "$reads" --machine nowhere
try "$reads" --machine /dev/null
try "$reads" --machine graviton2
try "$reads" --machine epyc-7763 --machine epyc-7763
try "$reads" --set guest.disk=virtio
try "${job}cells: [{workload: read, threads: 3, file_size: 4k, block: 1, fs: ramfs}]\n"
try 'job: x\ncells: [{workload: read}]\n'
try "$reads" --dry-run
foliogate count 2>&1
foliogate count --resume last job.yaml 2>&1
foliogate count --resume last --dry-run 2>&1
foliogate count job.yaml --machine nowhere 2>/dev/null
echo "exit $?"
ls

# Expected: its verdict again. Buggy: the program crashed.
run=results/2026-11-21T11-02-03-ab
mkdir -p $run
cat >$run/plan.json <<'END'
{"schema":1,"job":"ab","seed":1,"warmup_ns":0,"window_ns":100000000,"windows":1,"blocks":1,
 "kernels":[{"name":"baseline","kernel":"6.12","patches":[],"cmdline":null},
  {"name":"patched","kernel":"6.12","patches":[],"cmdline":null}],
 "guest":{"cpus":16,"memory":2147483648,"accel":"auto","disk":"ram","disk_size":1073741824,"cmdline":null,
  "overcommit":false,"huge_pages":false,"numa_node":null},"emulated":true,"kernel_order":[[1,0]],
 "cells":[{"id":"7d6e3c6bc5405bab","name":"read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs","argv":["read","block=4k","file_size=4k","sharing=same","pattern=fixed","call=pread","threads=2","placement=smt-last","memory=local","ops=0","fs=ramfs"]}],
 "tables":[{"title":null,"rows":"block","columns":null,"row":["4k"],"column":[""],"cell":[[0]]}],
 "order":[[0]]}
END
printf '%s\n' '{"schema":1,"kind":"incident","kernel":"patched","block":0,"cell":null,"incident":"oops","what":"BUG: bad","task":null,"frames":[],"verdict":"reject"}' >$run/samples.jsonl
foliogate count --resume last 2>&1
echo "exit $?"
sed -i 's/"reject"/"cannot"/' $run/samples.jsonl
foliogate count --resume last 2>&1
echo "exit $?"
