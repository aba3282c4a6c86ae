# SPDX-License-Identifier: GPL-2.0-or-later
#
# Throughput over the number of threads, from 0, a line for each column of a
# table, the bars one standard deviation either way. The axis of threads is
# logarithmic: machines double their CPUs.
#
#	gnuplot -d -c throughput-by-threads.gp DATA TITLE YLABEL svg|png OUTPUT
#	gnuplot -d -c throughput-by-threads.gp DATA TITLE YLABEL dumb "" WIDTH HEIGHT
#
# `foliogate plot` makes DATA: a data set for each kernel; in it x, the label of x,
# then mean, low and high for each line, and these relative to the first line.

call ARG0[1:strlen(ARG0) - strlen("throughput-by-threads.gp")] . "style.gp" ARG1 ARG2 ARG3 ARG4 ARG5 ARG6 ARG7

set logscale x 2
set xrange [STATS_min / 1.15:STATS_max * 1.15]
set yrange [0:*] noextend
set offsets 0, 0, graph 0.08, 0
set format y LINEAR
set xlabel "threads"

plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
		using 1:(middle(mean(c))):(column(mean(c) + 1)):(column(mean(c) + 2)) with yerrorbars \
		linetype 10000 + 100 * k + c pointtype 0 notitle, \
	for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 \
		using 1:(column(mean(c))):xtic(2) with linespoints linetype 100 * k + c title columnheader(mean(c))
