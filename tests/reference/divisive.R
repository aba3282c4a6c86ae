# SPDX-License-Identifier: GPL-2.0-or-later
#
#	Rscript tests/reference/divisive.R tests/reference
#
# What ecp says, the R package of the authors of E-divisive means, as data for
# tests/unit/test_divisive.c: writes divisive.csv into a directory. The file in the tree was made by
# R 4.2.2 with ecp 3.1.6 (CRAN) and Rcpp 1.0.10 (Debian: r-base-core, r-cran-rcpp). The tests read
# the file and need no R.
#
# Each best split is computed a second time, from the paper's formula and every pair of points;
# the script stops if the two differ.

suppressMessages(library(ecp))
options(warn = 2)
dir <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20140321)

number <- function(x) sprintf("%.17g", x)
out <- file(file.path(dir, "divisive.csv"), "w")
line <- function(kind, ...) cat(kind, ",", paste(number(c(...)), collapse = ","), "\n", sep = "", file = out)
cat("# Made by divisive.R; do not edit.\n",
    "# series,x...: what the lines after it are about\n",
    "# split,least,at,Q: the best split, at counted from 0\n",
    "# order,least,at...: the first points, in the order in which they are found, untested\n",
    "# points,least,permutations,level,at...: those that are significant, in the order of the series\n",
    "# exact,least,p: of the best split, over all orders of the points\n", sep = "", file = out)

# The paper's (6) and (7), word for word.
statistic <- function(x, y) {
	pairs <- function(x) mean(dist(x))
	length(x) * length(y) / (length(x) + length(y)) * (2 * mean(abs(outer(x, y, "-"))) - pairs(x) - pairs(y))
}
brute <- function(x, least) {
	best <- c(-1, -Inf)
	n <- length(x)
	for (at in least:(n - least))
		for (end in (at + least):n) {
			q <- statistic(x[1:at], x[(at + 1):end])
			if (best[1] < 0 || q > best[2] + 1e-9 * abs(best[2])) best <- c(at, q)
		}
	best
}
best <- function(x, least) {
	split <- ecp:::splitPoint(1, length(x), as.matrix(dist(x)), least)
	split - c(1, 0)			# ecp counts points from 1
}
split_line <- function(x, least) {
	ours <- brute(x, least)
	theirs <- best(x, least)
	stopifnot(ours[1] == theirs[1], abs(ours[2] - theirs[2]) <= 1e-9 * abs(ours[2]))
	line("split", least, theirs)
}
order_line <- function(x, least, k) {
	found <- e.divisive(matrix(x), k = k, min.size = least)$order.found
	line("order", least, setdiff(found, c(1, length(x) + 1)) - 1)
}
# Only where ecp gives the same answer whatever its random orders are.
points_line <- function(x, least, permutations, level) {
	answers <- lapply(1:4, function(seed) {
		set.seed(seed)
		e.divisive(matrix(x), sig.lvl = level, R = permutations, min.size = least)$estimates
	})
	stopifnot(length(unique(answers)) == 1)
	line("points", least, permutations, level, setdiff(answers[[1]], c(1, length(x) + 1)) - 1)
}
orders <- function(n) {
	if (n == 1) return(matrix(1))
	rest <- orders(n - 1)
	do.call(rbind, lapply(1:n, function(i) cbind(i, rest + (rest >= i))))
}
exact_line <- function(x, least) {
	observed <- best(x, least)[2]
	all <- orders(length(x))
	as_good <- apply(all, 1, function(order) best(x[order], least)[2] >= observed - 1e-9 * abs(observed))
	line("exact", least, mean(as_good))
}

# What no change is in; one; several; one that is undone; spread alone; heavy tails; steps without noise, and with ties.
long <- list(
	rnorm(60),
	c(rnorm(40), rnorm(30, 2)),
	c(rnorm(30), rnorm(30, 3), rnorm(30, -1), rnorm(20, 1.5)),
	c(rnorm(50), rnorm(12, 4), rnorm(50)),
	c(rnorm(40), rnorm(40, 0, 6)),
	c(rt(40, 2), 3 + rt(40, 2)),
	1e9 * (1 + c(rnorm(35, 0, 0.01), rnorm(35, -0.05, 0.01))),
	rep(c(1035, 1040, 1012), c(30, 25, 20)),
	round(c(rnorm(40), rnorm(40, 2)))
)
for (x in long) {
	line("series", x)
	for (least in c(2, 5))
		split_line(x, least)
	order_line(x, 5, min(4, length(unique(x)) - 1))	# where nothing differs, ecp splits on
}
for (x in long[c(1, 2, 3, 4, 6, 7, 8)]) {
	line("series", x)
	points_line(x, 5, 999, 0.001)
}
set.seed(7)
for (x in list(rnorm(7), c(rnorm(4), rnorm(4, 2)), c(1, 1, 1, 1, 2, 2, 2, 2), c(rnorm(5), rnorm(3, 9)))) {
	line("series", x)
	split_line(x, 2)
	exact_line(x, 2)
}
close(out)
