# SPDX-License-Identifier: GPL-2.0-or-later
#
# What all plots share: terminal, fonts, colours, grid, legend. Called with the
# arguments of the script that calls it, which sets PANELS before if its data has several,
# each with a data set for every kernel, and TALL for another height. Leaves what is in capitals, mean(),
# relative(), middle(), and line types 100 * kernel + column, for error bars 10000 more, both
# counted from 1.

DATA = ARG1
TERMINAL = ARG4
DUMB = TERMINAL eq "dumb"

HEIGHT = exists("TALL") ? TALL : 630
if (TERMINAL eq "svg") set terminal svg size 840,HEIGHT dynamic font "DejaVu Sans,13" background "white" name "plot"
if (TERMINAL eq "png") set terminal pngcairo size 1260,1.5*HEIGHT font "DejaVu Sans,19" linewidth 1.5 background "white"
if (DUMB) set terminal dumb size ARG6 + 0, ARG7 + 0 noenhanced mono nofeed
if (strlen(ARG5)) set output ARG5

set encoding utf8

# A data set a kernel (and panel); after x and its label six columns a line: see plot_data().
stats DATA using 1 nooutput
KERNELS = STATS_blocks / (exists("PANELS") ? PANELS : 1)
COLUMNS = (STATS_columns - 2) / 6
LINES = KERNELS * COLUMNS

# Of the line c of kernel k: the column of its mean, after which low and high come, and the same relative.
mean(c) = 6 * c - 3
relative(c) = 6 * c
# The middle of a bar: nowhere, and so no bar, where there is no deviation.
middle(i) = column(i) + 0 * column(i + 1)

# What the first line is called; the least and the largest mean above 0, and the largest relative one (0: none).
FIRST = ""
LEAST = LARGEST = COMPARED = 0
least(x) = x > 0 && (LEAST == 0 || x < LEAST) ? x : LEAST
larger(x, y) = x > y ? x : y
set table $NOTHING
plot DATA index 0 every ::0::0 using (FIRST = strcol(3), 0):(0) with table
plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 every ::1 \
	using (LEAST = least(column(mean(c))), LARGEST = larger(column(mean(c)), LARGEST), \
	       COMPARED = larger(column(relative(c)), COMPARED), 0):(0) with table
unset table

# Okabe and Ito's colours, told apart by colour-blind readers, without black and yellow. Of several kernels
# each has a colour, and its columns differ in dash and symbol.
array COLOUR[6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
array SYMBOL[6] = [7, 4, 9, 12, 5, 8]
array DASH[4] = [1, 2, 4, 5]
POINT = TERMINAL eq "svg" ? 0.6 : 1.1	# the terminals differ in what 1 is
cyclic(i, n) = 1 + (i - 1) % n
do for [k = 1:KERNELS] {
	do for [c = 1:COLUMNS] {
		set linetype 100 * k + c linewidth 2 pointsize POINT \
			linecolor rgb COLOUR[cyclic(KERNELS > 1 ? k : c, 6)] \
			dashtype DASH[cyclic(c, 4)] pointtype SYMBOL[cyclic(c, 6)]
		set linetype 10000 + 100 * k + c linewidth 1.5 dashtype solid \
			linecolor rgb COLOUR[cyclic(KERNELS > 1 ? k : c, 6)]
	}
}

# Marks on a linear and on a logarithmic axis. MiB/s are written out.
LINEAR = ARG3[1:3] eq "MiB" || LARGEST < 1000 ? "%g" : "%.1s%c"
LOGARITHMIC = ARG3[1:3] eq "MiB" ? "%g" : "%.0s%c"

set border 3 linecolor rgb "#404040"
set tics nomirror out
if (!DUMB) set grid xtics ytics linetype 1 linecolor rgb "#dddddd" linewidth 0.7 dashtype solid
set xlabel offset 0, 0.3
if (DUMB) {
	set errorbars small
	set title ARG2 . ", " . ARG3 noenhanced
	set key noenhanced outside center top horizontal
} else {
	set errorbars large
	TOP = 0.92 - 0.032 * ceil(LINES / 2.0)
	set label 1 ARG2 at screen 0.545, 0.965 center noenhanced
	set key noenhanced at screen 0.545, 0.945 center top horizontal Left reverse samplen 3 maxcols 2
	set lmargin at screen 0.145
	set rmargin at screen 0.975
	set tmargin at screen TOP
	set bmargin at screen 0.11
	set ylabel ARG3 noenhanced offset -1, 0
}
