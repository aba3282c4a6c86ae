# SPDX-License-Identifier: GPL-2.0-or-later
# A job file that is wrong is answered by place, fault and what would be right; nothing is run.
try()
{
	printf '%b' "$1" >job.yaml
	foliogate run job.yaml
	echo "exit code $?" >&2
}
try 'job: x\ncells:\n  - workload: read\n    blok: 1\n'
try 'job: x\ncells:\n  - workload: read\n    block: 2M\n'
try 'job: x\ncells:\n  - workload: read\n    block: [1, 32, 1q]\n'
try 'job: x\ncells:\n  - workload: red\n'
try 'job: x\nwindow: 5\ncells:\n  - workload: read\n'
try 'job: x\n'
try 'cells:\n  - workload: read\n'
try 'job: x\ncells: [\n'
try ''
foliogate run nosuch.yaml
echo "exit code $?" >&2
ls
