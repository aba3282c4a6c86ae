# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong, where, and what would be right; nothing is run.
for bad in 'nul' 'read blok=1' 'read block=2M' 'read block=0' 'read block=1q' 'read block=' 'read block=-1' 'read block' \
	'read block=8k file_size=4k' 'read sharing=both' 'read threads=0' 'read window=1us' 'read dir=/nosuch windows=1' \
	'read counted=9 windows=1' 'read counted=9 first=2' 'read counted=9 placement=none' \
	'read counted=9 placement=0,0 threads=2' 'bounce layout=pair'; do
	echo "foliobench run $bad" >&2
	# shellcheck disable=SC2086 # several arguments
	foliobench run $bad
	echo "exit code $?" >&2
done
