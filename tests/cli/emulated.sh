# SPDX-License-Identifier: GPL-2.0-or-later
# A run whose guests were emulated: tables keep their layout and hold no figure, unless they are asked for.
run=results/2026-11-21T11-02-03-ab
same='read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'
diff='read block=4k file_size=4k sharing=diff pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'

words() # CELL: as JSON
{
	printf '"%s"' "$1" | sed 's/ /","/g'
}

sample() # KERNEL HASH CELL OPS
{
	printf '{"schema":1,"kind":"sample","kernel":"%s","block":0,"cell":"%s","name":"%s","window":0,"threads":2,' \
		"$1" "$2" "$3"
	printf '"elapsed_ns":100000000,"skew_ns":70,"ops":[%d,%d],"bytes":[%d,%d],"cpus":[0,1],"oversubscribed":false}\n' \
		"$4" "$4" $(($4 * 4096)) $(($4 * 4096))
}

environment() # KERNEL PATCHES
{
	printf '{"schema":1,"kind":"environment","kernel":"%s","block":0,"at":"2026-11-21T11:02:03Z",' "$1"
	printf '"environment":{"kernel":{"release":"6.12.117","machine":"x86_64"},"boot":{"id":"%s"},"identity":"i"},' "$1"
	printf '"guest":{"accel":"tcg","cpus":16,"memory":2147483648,"qemu":"7.2.22","boot_ns":3100000000,"retries":0},'
	printf '"build":{"key":"00","release":"6.12.117","source":"linux-source-6.12 6.12.117-1","patches":[%s],"cmdline":null}}\n' "$2"
}

mkdir -p $run/report
cat >$run/plan.json <<END
{"schema":1,"job":"ab","seed":1,"warmup_ns":0,"window_ns":100000000,"windows":1,"blocks":1,
 "kernels":[{"name":"baseline","kernel":"6.12","patches":[],"cmdline":null},
  {"name":"patched","kernel":"6.12","patches":[{"path":"/fast.patch","reverse":false}],"cmdline":null}],
 "guest":{"cpus":16,"memory":2147483648,"accel":"auto","disk":"ram","disk_size":1073741824,"cmdline":null,
  "overcommit":false,"huge_pages":false,"numa_node":null},"emulated":true,"kernel_order":[[1,0]],
 "cells":[{"id":"7d6e3c6bc5405bab","name":"$same","argv":[$(words "$same")]},{"id":"6f29355635d7ec92","name":"$diff","argv":[$(words "$diff")]}],
 "tables":[{"title":null,"rows":"block","columns":"sharing","row":["4k"],"column":["same","diff"],"cell":[[0,1]]}],
 "order":[[0,1]]}
END
{
	environment patched '"mm/filemap: fast short reads"'
	sample patched 7d6e3c6bc5405bab "$same" 4242
	sample patched 6f29355635d7ec92 "$diff" 4343
	environment baseline ''
	sample baseline 7d6e3c6bc5405bab "$same" 4141
} >$run/samples.jsonl

echo '== compare'
foliogate compare last
echo '== compare --show-emulated-times'
foliogate compare --show-emulated-times last
echo '== compare --show-emulated-times --no-percent'
foliogate compare --show-emulated-times --no-percent last | sed -n 1,3p
echo '== report'
foliogate report last
echo '== csv'
foliogate report last --format csv | tr -d '\r' | cut -d, -f 3,15-
echo '== json'
foliogate report last --format json | grep -E 'emulated|"ops"|per_s|per_op|skew|boot_ns'
echo '== plot'
foliogate plot last
ls $run/report
echo '== both'
foliogate compare --percent --no-percent last
