#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes the XML files of machines that a synthetic string cannot say: parts that
# are not equal, CPUs that may not be used. README.md says what each is. Recorded
# machines are not touched.

set -eu
cd "$(dirname -- "$0")"

# synthesize NAME DESCRIPTION LSTOPO-OPTION...
synthesize() {
	name=$1
	description=$2
	shift 2
	lstopo-no-graphics -i "$description" "$@" --of xml |
		sed -e '/name="ProcessName"/d' -e '/name="hwlocVersion"/d' >"$name.xml"
}

# Numbers as Linux gives them on hybrids: both threads of core after core, then the small cores. 24 to 31 are
# second threads of small cores, which are then taken away.
pus=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,24,17,25,18,26,19,27,20,28,21,29,22,30,23,31
synthesize hybrid "package:1 [numa] l3:1 core:16 pu:2(indexes=$pus)" --restrict 0x00ffffff

two_sockets='package:2 [numa] l3:1 core:4 pu:2(indexes=core)'
synthesize offline-siblings "$two_sockets" --restrict 0xf0ff
synthesize lopsided-cpuset "$two_sockets" --disallowed --allow 0xf0f8
synthesize odd-cpuset 'package:1 [numa] l3:1 core:4 pu:2(indexes=core)' --disallowed --allow 0x2a
