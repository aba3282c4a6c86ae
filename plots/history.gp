# SPDX-License-Identifier: GPL-2.0-or-later
#
# One figure over the nights of a machine: a dot a night, a line at the median between change
# points, and each change point with the release of the kernel that came with it. The vertical
# axis shows what there is and does not begin at 0: steps of 2 % shall be seen.
#
#	gnuplot -d -c history.gp DATA TITLE YLABEL svg|png OUTPUT
#	gnuplot -d -c history.gp DATA TITLE YLABEL dumb "" WIDTH HEIGHT
#
# `foliogate history` makes DATA: of nights, seconds since 1970 and the value; where there are
# change points, two data sets more: of segments, two such points each and a blank line between
# them, and of change points, the same and a label.

DATA = ARG1
TERMINAL = ARG4
DUMB = TERMINAL eq "dumb"

if (TERMINAL eq "svg") set terminal svg size 1000,460 dynamic font "DejaVu Sans,13" background "white" name "plot"
if (TERMINAL eq "png") set terminal pngcairo size 1500,690 font "DejaVu Sans,19" linewidth 1.5 background "white"
if (DUMB) set terminal dumb size ARG6 + 0, ARG7 + 0 noenhanced mono nofeed
if (strlen(ARG5)) set output ARG5

set encoding utf8
stats DATA using 1 nooutput
CHANGES = STATS_blocks > 1
stats DATA index 0 using 1:2 nooutput name "NIGHT"
DAYS = (NIGHT_max_x - NIGHT_min_x) / 86400.0
set xdata time
set timefmt "%s"
set format x (DAYS > 900 ? "%Y" : DAYS > 240 ? (DUMB ? "%b %y" : "%b %Y") : "%d %b")
MARGIN = DAYS > 1 ? 0.01 * DAYS * 86400 : 43200
set xrange [NIGHT_min_x - MARGIN:NIGHT_max_x + MARGIN]
# a series that never changed has a range of nothing
SPREAD = NIGHT_max_y - NIGHT_min_y
ROOM = SPREAD > 0 ? 0.08 * SPREAD : NIGHT_max_y != 0 ? 0.05 * abs(NIGHT_max_y) : 1
set yrange [NIGHT_min_y - ROOM:NIGHT_max_y + 2 * ROOM]
set format y (NIGHT_max_y < 100000 ? "%.6g" : "%.3s%c")
set border 3 linecolor rgb "#404040"
set tics nomirror out

if (DUMB) {
	set title ARG2 . ", " . ARG3 noenhanced
	unset key
	if (CHANGES) {
		plot DATA index 0 using 1:2 with dots, \
			DATA index 2 using 1:2:3 with labels point left offset 1,0 noenhanced
	} else {
		plot DATA index 0 using 1:2 with dots
	}
} else {
	set grid xtics ytics linetype 1 linecolor rgb "#dddddd" linewidth 0.7 dashtype solid
	set title ARG2 noenhanced
	set ylabel ARG3 noenhanced
	set key noenhanced outside center bottom horizontal Left reverse samplen 2
	set style textbox opaque fillcolor rgb "#ffffff" noborder margins 0.3, 0.3
	set linetype 1 linecolor rgb "#0072B2" pointtype 7 pointsize 0.25
	set linetype 2 linecolor rgb "#D55E00" pointtype 9 pointsize 0.9 linewidth 2.5
	if (CHANGES) {
		plot DATA index 0 using 1:2 with points linetype 1 title "a night", \
			DATA index 1 using 1:2 with lines linetype 2 title "median between change points", \
			DATA index 2 using 1:2:3 with labels boxed point linetype 2 left offset 0.6,1.1 \
				textcolor rgb "#404040" noenhanced title "change point"
	} else {
		plot DATA index 0 using 1:2 with points linetype 1 title "a night"
	}
}
