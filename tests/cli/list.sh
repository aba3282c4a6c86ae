# SPDX-License-Identifier: GPL-2.0-or-later
# The workloads there are.
foliobench list
