# SPDX-License-Identifier: GPL-2.0-or-later
# A gate file that is wrong is answered by place, fault and what would be right; nothing is run.
printf 'job: x\ncells:\n  - workload: read\n' >job.yaml
try()
{
	printf '%b' "$1" >gate.yaml
	foliogate run job.yaml --dry-run --gate ./gate.yaml
	echo "exit code $?" >&2
}
try 'gate: g\ncrahs: reject\n'
try 'gate: g\ncrash: ignore\n'
try 'gate: g\nnew_warning: cannot\n'
try 'gate: g\ninconclusive: block\n'
try 'gate: g\nfamily_error: 60%\n'
try 'gate: g\nfamily_error: 0.01\n'
try 'crash: reject\n'
try ''
try 'gate: g\nmetrics: stac\n'
try 'gate: g\nmetrics: []\n'
try 'gate: g\nmetrics: [stac]\n'
try 'gate: g\nmetrics:\n  - metric: stac\n    minimum: -1%\n'
try 'gate: g\nmetrics:\n  - metric: stac\n    minimun: 1\n'
try 'gate: g\nmetrics:\n  - metric: stac\n  - metric: clac\n  - metric: stac\n'
try 'gate: g\nmetrics:\n  - metric: stacs\n'
try 'gate: g\nmetrics:\n  - metric: ops_per_s\n    minimum: 2\n'
try 'gate: g\ncells: read\n'
try 'gate: g\ncells: []\n'
try 'gate: g\ncells:\n  - {}\n'
try 'gate: g\ncells:\n  - workload: read\n    fs: []\n'
try 'gate: g\ncells:\n  - workload: raed\n'
try 'gate: g\ncells:\n  - blok: 4k\n'
try 'gate: g\ncells:\n  - block: [4k, 2M]\n'
try 'gate: g\ncells:\n  - workload: write\n    dir: /tmp\n'
foliogate run job.yaml --dry-run --gate ./nosuch.yaml
echo "exit code $?" >&2
ls
