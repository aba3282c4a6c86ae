# SPDX-License-Identifier: GPL-2.0-or-later
# A workload with no parameters of its own, and so those that every workload takes.
foliobench describe null
