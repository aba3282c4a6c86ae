# SPDX-License-Identifier: GPL-2.0-or-later
#
# Throughput over block size, a line for each column of a table; logarithmic where
# it spans a decade or more. As it mostly spans many, and a line twice as high then
# hardly shows, below is every line relative to the first one. The bars are one
# standard deviation either way. A terminal of characters has room for the upper
# part only.
#
#	gnuplot -d -c throughput-by-block.gp DATA TITLE YLABEL svg|png OUTPUT
#	gnuplot -d -c throughput-by-block.gp DATA TITLE YLABEL dumb "" WIDTH HEIGHT
#
# `foliogate plot` makes DATA: a data set for each kernel; in it x, the label of x,
# then mean, low and high for each line, and these relative to the first line.

call ARG0[1:strlen(ARG0) - strlen("throughput-by-block.gp")] . "style.gp" ARG1 ARG2 ARG3 ARG4 ARG5 ARG6 ARG7

TWO = LINES > 1 && COMPARED > 0 && !DUMB
set logscale x 2
set xrange [STATS_min / 1.4:STATS_max * 1.4]
if (LARGEST >= 10 * LEAST) {
	set logscale y 10
	set yrange [*:*] noextend
	set offsets 0, 0, graph 0.08, graph 0.08
	set format y LOGARITHMIC
} else {
	set yrange [0:*] noextend
	set offsets 0, 0, graph 0.08, 0
	set format y LINEAR
}
if (TWO) {
	set multiplot
	MIDDLE = 0.11 + 0.44 * (TOP - 0.11)
	set bmargin at screen MIDDLE + 0.025
	TICS = ""	# without labels: those are under the lower part
	set table $NOTHING
	plot DATA index 0 every ::1 \
		using (TICS = TICS . sprintf("%s'' %.0f", strlen(TICS) ? "," : "", $1), 0):(0) with table
	unset table
	eval "set xtics (" . TICS . ")"
	LABELS = ""
} else {
	set xlabel "block size (bytes)"
	LABELS = ":xtic(2)"
}

plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
		using 1:(middle(mean(c))):(column(mean(c) + 1)):(column(mean(c) + 2)) with yerrorbars \
		linetype 10000 + 100 * k + c pointtype 0 notitle, \
	for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
		using 1:(column(mean(c)))@LABELS with linespoints linetype 100 * k + c title columnheader(mean(c))

if (TWO) {
	set tmargin at screen MIDDLE - 0.025
	set bmargin at screen 0.11
	unset label 1
	unset key
	unset logscale y
	set yrange [* < 0.9:1.1 < *] noextend	# so that noise stays small
	set offsets 0, 0, graph 0.08, graph 0.08
	set format y "%g"
	set xlabel "block size (bytes)"
	set ylabel "relative to\n" . FIRST noenhanced
	plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
			using 1:(middle(relative(c))):(column(relative(c) + 1)):(column(relative(c) + 2)) \
			with yerrorbars linetype 10000 + 100 * k + c pointtype 0, \
		for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
			using 1:(column(relative(c))):xtic(2) with linespoints linetype 100 * k + c
	unset multiplot
}
