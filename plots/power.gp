# SPDX-License-Identifier: GPL-2.0-or-later
#
# What rules for judging benchmarks are worth, side by side: runs with a false alarm where nothing
# changed, by how much boots differ; and how often the one cell that did change is found, by its
# change. Solid lines are given one boot of either kernel, dashed ones eight boots.
#
#	gnuplot -d -c power.gp DATA OUTPUT
#
# `make power` makes DATA: for each rule a comment with its name, and two data sets.

set terminal svg size 1000,700 dynamic font "DejaVu Sans,13" background "white" name "power"
set output ARG2

# The rules that are drawn: by their place in DATA from 0, title, colour, dash, symbol.
PLACES = "0 1 3 4 6 7 9 10 12 13 15 16 18 19 21"
place(i) = word(PLACES, i) + 0
array TITLE[15] = ["ours, 8 blocks", "ours, 12 to 20 blocks", "paired t, Bonferroni, 8 boots", \
	"LKP, apart, 1 boot", "LKP, apart, 8 boots", "LKP, listed, 1 boot", "LKP, listed, 8 boots", \
	"mmtests, 1 boot", "mmtests, 8 boots", "benchstat, 1 boot", "benchstat, 8 boots", \
	"ministat, 1 boot", "ministat, 8 boots", "t-test, 1 boot", "t-test, 8 boots"]
array COLOUR[15] = ["#000000", "#0072B2", "#999999", "#E69F00", "#E69F00", "#F0C000", "#F0C000", \
	"#CC79A7", "#CC79A7", "#D55E00", "#D55E00", "#009E73", "#009E73", "#56B4E9", "#56B4E9"]
array DASH[15] = [1, 1, 4, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]
array SYMBOL[15] = [7, 5, 9, 4, 4, 8, 8, 10, 10, 6, 6, 12, 12, 1, 1]
do for [i = 1:15] {
	set linetype 100 + i linewidth (i < 3 ? 3 : 1.7) dashtype DASH[i] \
		linecolor rgb COLOUR[i] pointtype SYMBOL[i] pointsize 0.6
}

set border 3 linecolor rgb "#404040"
set tics nomirror out
set grid xtics ytics linetype 1 linecolor rgb "#dddddd" linewidth 0.7 dashtype solid
set multiplot
set bmargin at screen 0.37
set tmargin at screen 0.92

# None at all has no place on a logarithmic scale: it is drawn at the bottom.
set lmargin at screen 0.075
set rmargin at screen 0.485
set title "Nothing changed: runs with a false alarm" noenhanced
set xlabel "boots differ by, %" offset 0, 0.6
set ylabel "%" offset 1, 0
set logscale y
set yrange [0.05:130]
set ytics ("none" 0.06, "0.1" 0.1, "1" 1, "10" 10, "100" 100)
set xtics (0, 0.5, 1, 2)
set xrange [-0.05:2.05]
set arrow 1 from -0.05, 1 to 2.05, 1 nohead linewidth 1.2 dashtype 3 linecolor rgb "#404040"
unset key
plot for [i = 1:15] ARG1 index 2 * place(i) using 1:($2 > 0.06 ? $2 : 0.06) \
	with linespoints linetype 100 + i notitle

set lmargin at screen 0.565
set rmargin at screen 0.98
set title "One cell changed: found" noenhanced
set xlabel "its change, % (boots differ by 0.5 %)" offset 0, 0.6
unset logscale y
set logscale x
unset arrow 1
set yrange [-2:102]
set ytics autofreq
set xtics (0.5, 1, 2, 5)
set xrange [0.45:5.2]
plot for [i = 1:15] ARG1 index 2 * place(i) + 1 using 1:2 with linespoints linetype 100 + i notitle

# The legend has the whole width, and so a plot of its own, in which nothing shows.
set lmargin at screen 0.03
set rmargin at screen 0.97
set tmargin at screen 0.26
set bmargin at screen 0.01
unset border
unset tics
unset grid
unset title
unset xlabel
unset ylabel
unset logscale x
set xrange [0:1]
set yrange [0:1]
set key at screen 0.5, 0.27 center top vertical Left reverse samplen 4 maxrows 8 width 6 noenhanced
plot for [i = 1:15] NaN with linespoints linetype 100 + i title TITLE[i]
unset multiplot
