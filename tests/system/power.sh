#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The simulation of `make power`, with very few runs: that it works, and is the same each time.
. "$(dirname "$0")/../tap.sh"

simulate=$BUILD/power/simulate
if ! [ -x "$simulate" ]; then
	tap_skip "the judge's rules are simulated" "$simulate is not built"
	tap_end
	exit
fi

# The share found by a rule in the table of power: column 3 to 6 for 0.5, 1, 2 and 5 %, boots that differ by 0.5 %.
found() {	# COLUMN RULE GIVEN
	awk -F' *[|] *' -v column="$1" -v rule="$2" -v given="$3" '
		/^One cell changed/ { in_it = 1 }
		/^Ours/ { in_it = 0 }
		in_it && $2 == rule && $3 == given { print int($(column + 1)) }' out1
}

mkdir a b
expect "a few runs of every world are simulated" 0 "" "$simulate" a 0.5
mv out out1
[ "$(grep -c '^| benchstat |' out1)" -eq 6 ] && ! grep -q nan out1
tap $? "every rule is in both tables, and no figure is missing"
[ "$(found 6 'ours, 12 to 20 blocks' blocks)" -eq 100 ] && [ "$(found 3 'ours, 12 to 20 blocks' blocks)" -eq 0 ]
tap $? "more blocks find 5 %, and 0.5 % is none"
grep -q '^| benchstat | 10 windows of 1 boot |.*| 100.0 ±0.0 | 100.0 ±0.0 |' out1
tap $? "windows of one boot raise an alarm in every run"

expect "a second time" 0 "" "$simulate" b 0.5
cmp out out1 >why 2>&1 && cmp a/power.data b/power.data >>why 2>&1
bad=$?
tap $bad "everything comes out the same"
[ $bad -eq 0 ] || comment <why

if command -v gnuplot >/dev/null; then
	expect "the plot is drawn" 0 "" gnuplot -d -c "$ROOT/plots/power.gp" a/power.data a.svg
	gnuplot -d -c "$ROOT/plots/power.gp" b/power.data b.svg && cmp -s a.svg b.svg && grep -q '</svg>' a.svg
	tap $? "the same to the byte"
	[ "$(stat -c %s a.svg)" -lt 100000 ]
	tap $? "and is small"
else
	tap_skip "the plot is drawn" "gnuplot is not installed"
fi

expect "no directory is a wrong call" 2 "usage: power DIR" "$simulate"
expect "nor is half of a number a number" 2 "usage: power DIR" "$simulate" a 5x
expect "more than all cannot be simulated" 2 "PERCENT above 0 and up to 100" "$simulate" a 101
expect "a directory that is not there is named" 4 "create nowhere/power.data: No such file" "$simulate" nowhere 0.01
tap_end
