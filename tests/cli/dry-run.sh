# SPDX-License-Identifier: GPL-2.0-or-later
# What a job would measure, without measuring it.
cat >job.yaml <<'END'
job: shape
windows: 2
window: 500ms
cells:
  - workload: read
    file_size: 4k
    block: [1, 4k]
    sharing: [same, diff]
    threads: 2
END
foliogate run --dry-run job.yaml
ls
