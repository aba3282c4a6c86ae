# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong with a job's kernels, guests and emulation is answered by place, fault and what would be right.
try()
{
	printf 'job: x\ncells: [{workload: read}]\n%b' "$1" >job.yaml
	shift
	foliogate run "$@" job.yaml
	echo "exit code $?" >&2
}
kernels='kernels:\n  - name: baseline\n    kernel: "6.12"\n'
try 'kernel: 6.12\n'
try 'kernels: []\n'
try 'kernels:\n  - name: baseline\n'
try 'kernels:\n  - name: a b\n    kernel: x\n'
try "$kernels    pathces: [a.patch]\n"
try "$kernels    patches: a.patch\n"
try "$kernels  - name: baseline\n    kernel: x\n"
try "${kernels}guest:\n  cpu: 4\n"
try "${kernels}guest:\n  cpus: 100\n"
try "${kernels}guest:\n  memory: 2\n"
try "${kernels}guest:\n  accel: kmv\n"
try "${kernels}guest:\n  numa_node: first\n"
try "${kernels}emulated:\n  window: 100us\n"
try "${kernels}emulated:\n  window: 100ms\n  seed: 3\n"
try "${kernels}dir: /mnt\n"
try 'guest:\n  cpus: 4\n'
try 'emulated:\n  blocks: 1\n'
try "$kernels" --set guest.cpu=4
try "$kernels" --set guest.cpus=100
try "$kernels" --set dir=/mnt
try "$kernels" --set kernels.baseline.cmdline=quiet
try '' --set guest.cpus=4
ls
