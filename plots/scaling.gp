# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the coherence model makes of more threads: a panel for each row of a table,
# in it a curve for each kernel and column, a ring where it first has 95 % of its highest.
# Every panel has its own scale, from 0; that of threads is logarithmic. A terminal
# of characters has room for the first panel only.
#
#	gnuplot -d -c scaling.gp DATA TITLE YLABEL svg|png OUTPUT
#	gnuplot -d -c scaling.gp DATA TITLE YLABEL dumb "" WIDTH HEIGHT
#
# `foliogate plot` makes DATA: panel after panel a data set for each kernel; in it
# threads, the panel's name, then six columns for each curve, of which the first is its
# value and the fourth the same where its knee is.

# Panels have names; a data set with another name than the one before begins the next.
PANELS = 0
NAMES = LAST = ""
next(name) = PANELS && name eq LAST ? 0 : (PANELS = PANELS + 1, LAST = name, NAMES = NAMES . '"' . name . '" ', 0)
stats ARG1 using 1 nooutput
set table $NOTHING
plot for [i = 1:STATS_blocks] ARG1 index i - 1 every ::1::1 using (next(strcol(2)), 0):(0) with table
unset table

SHOWN = ARG4 eq "dumb" ? 1 : PANELS
ACROSS = SHOWN > 1 ? 2 : 1
DOWN = ceil(1.0 * SHOWN / ACROSS)
TALL = DOWN > 1 ? 120 + 270 * DOWN : 630
call ARG0[1:strlen(ARG0) - strlen("scaling.gp")] . "style.gp" ARG1 ARG2 ARG3 ARG4 ARG5 ARG6 ARG7

RING = DUMB ? 1 : 2.2 * POINT
HELP = "95 % of the highest"
set logscale x 2
set xrange [STATS_min / 1.15:STATS_max * 1.15]
set yrange [0:*] noextend
set offsets 0, 0, graph 0.1, 0
set xlabel "threads"

if (DUMB) {
	set title ARG2 . ", " . word(NAMES, 1) . ", " . ARG3 noenhanced
} else {
	# The legend has the whole width, and so a plot of its own, in which nothing shows.
	LEGEND = ceil((LINES + 1) / 2.0) * 20.0 / HEIGHT
	TOP = 1 - 42.0 / HEIGHT - LEGEND
	set label 1 ARG2 at screen 0.545, 1 - 20.0 / HEIGHT center noenhanced
	set key at screen 0.545, 1 - 34.0 / HEIGHT
	set multiplot
	set lmargin at screen 0.10
	set rmargin at screen 0.975
	set tmargin at screen TOP
	set bmargin at screen 0.1
	unset border
	unset tics
	unset xlabel
	set yrange [0:1]
	unset ylabel
	plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index k - 1 using 1:(NaN) \
			with linespoints linetype 100 * k + c title columnheader(mean(c)), \
		NaN with points pointtype 6 pointsize RING linecolor rgb "#404040" title HELP
	unset key
	unset label 1
	set border 3 linecolor rgb "#404040"
	set xtics nomirror out offset 0, 0.3
	set ytics nomirror out
	set yrange [0:*] noextend
	ABOVE = (SHOWN > 1 ? 34.0 : 10.0) / HEIGHT
	BELOW = 48.0 / HEIGHT
}

do for [p = 1:SHOWN] {
	if (!DUMB) {
		ROW = (p - 1) / ACROSS
		COLUMN = (p - 1) % ACROSS
		PART = (TOP - 0.01) / DOWN
		set lmargin at screen 0.13 + COLUMN * 0.475
		set rmargin at screen (ACROSS > 1 ? 0.50 + COLUMN * 0.475 : 0.975)
		set tmargin at screen TOP - ROW * PART - ABOVE
		set bmargin at screen TOP - (ROW + 1) * PART + BELOW
		if (SHOWN > 1) { set title word(NAMES, p) offset 0, -0.6 noenhanced }
		if (p + ACROSS > SHOWN) { set xlabel "threads" offset 0, 0.5 } else { unset xlabel }
		set label 2 ARG3 at screen 0.016, TOP - (ROW + 0.5) * PART + (BELOW - ABOVE) / 2 center rotate noenhanced
		if (COLUMN) { unset label 2 }
	}
	# marks by what this panel holds
	HIGHEST = 0
	set table $NOTHING
	plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index (p - 1) * KERNELS + k - 1 every ::1 \
		using (HIGHEST = larger(column(mean(c)), HIGHEST), 0):(0) with table
	unset table
	set format y (ARG3[1:3] eq "MiB" || HIGHEST < 1000 ? "%.9g" : "%.1s%c")

	plot for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index (p - 1) * KERNELS + k - 1 \
			using 1:(column(mean(c))) with linespoints linetype 100 * k + c title columnheader(mean(c)), \
		for [k = 1:KERNELS] for [c = 1:COLUMNS] DATA index (p - 1) * KERNELS + k - 1 \
			using 1:(column(relative(c))) with points linetype 100 * k + c pointtype 6 pointsize RING notitle, \
		NaN with points pointtype 6 pointsize RING linecolor rgb "#404040" title HELP
}
if (!DUMB) { unset multiplot }
