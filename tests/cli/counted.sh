# SPDX-License-Identifier: GPL-2.0-or-later
# A run that was only counted: predicted and exact tables, no word of times; reports, plots and listings take it as whole.
export FOLIOBENCH_PLOTS=$ROOT/plots
run=results/2026-11-21T11-02-03-ab
same='read block=4k file_size=4k sharing=same pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'
diff='read block=4k file_size=4k sharing=diff pattern=fixed call=pread threads=2 placement=smt-last memory=local ops=0 fs=ramfs'

words() # CELL: as JSON
{
	printf '"%s"' "$1" | sed 's/ /","/g'
}

count() # KERNEL HASH CELL INSTRUCTIONS STAC
{
	printf '{"schema":1,"kind":"count","kernel":"%s","cell":"%s","name":"%s","threads":2,"ops":120,"at_mode":119,' "$1" "$2" "$3"
	printf '"interrupted":1,"modes":1,"paths":1,"share":0.9917,"stable":true,"bytes_per_op":4096,"arm64":false,"qemu":"7.2.22",'
	printf '"counts":{"kernel_instructions":%d,"stac":%d,"clac":%d,"atomics":4,"loads":400}}\n' "$4" "$5" "$5"
}

prediction() # KERNEL HASH MACHINE NS TRANSFERS LINES
{
	printf '{"schema":1,"kind":"prediction","kernel":"%s","cell":"%s","machine":"%s","threads":2,' "$1" "$2" "$3"
	printf '"ns_per_op":%s,"low":400.5,"high":1640,"waited_ns":0,"spread":0,"transfers":%s,"lines_moved":0,"knee":2,' "$4" "$5"
	printf '"sensitivity":{"busy_ns":[%s,%s]},"lines":[%s],"curve":[[1,1000000],[2,1900000],[4,1910000]]}\n' "$4" "$4" "$6"
}

refcount='{"what":"folio: reference count (page frame 0x1234)","per_op":1.5,"threads":2,"movers":[
 {"function":"filemap_get_read_batch","offset":211,"access":"atomic","per_op":1.5}]}'
refcount=$(echo "$refcount" | tr -d '\n')

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
	count baseline 7d6e3c6bc5405bab "$same" 1372 2
	prediction baseline 7d6e3c6bc5405bab xeon 1392.5 1.5 "$refcount"
	prediction baseline 7d6e3c6bc5405bab epyc 1500 1.5 "$refcount"
	count baseline 6f29355635d7ec92 "$diff" 1372 2
	prediction baseline 6f29355635d7ec92 xeon 553.5 0 ''
	prediction baseline 6f29355635d7ec92 epyc 600 0 ''
	count patched 7d6e3c6bc5405bab "$same" 1198 1
	prediction patched 7d6e3c6bc5405bab xeon 501.5 0 ''
} >$run/samples.jsonl

echo '== results'
foliogate results
{
	count patched 6f29355635d7ec92 "$diff" 1198 1
	prediction patched 6f29355635d7ec92 xeon 501.5 0 ''
} >>$run/samples.jsonl
foliogate results
foliogate results show last | grep state
foliogate results prune --incomplete --dry-run
echo '== compare'
foliogate compare last
echo '== compare --machine epyc'
foliogate compare --machine epyc last | head -n 15
echo '== compare --metric ns'
foliogate compare --metric ns last | sed -n '1p;8,9p'
echo '== report'
foliogate report last | grep -E '^(16|2|run|job|Exact|Lines|.*predicted)' 
echo '== csv'
foliogate report last --format csv --machine epyc | tr -d '\r' | grep -E '(stac|model|metric),' | cut -d, -f 3,8,15-
echo '== plot'
foliogate plot last
foliogate plot --machine epyc --terminal svg last
foliogate plot --terminal dumb last | grep -c .
echo '== no such machine'
for command in compare report plot; do
	foliogate $command --machine epic last
	echo "exit $?"
done
sed -i '/prediction/d' $run/samples.jsonl
foliogate compare --machine xeon last
echo "exit $?"
foliogate plot last
echo '== damage'
sed -i '1s/"ops":120/"ops":0/' $run/samples.jsonl
foliogate compare last
