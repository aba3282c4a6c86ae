# SPDX-License-Identifier: GPL-2.0-or-later
#
#	Rscript tests/reference/statistics.R tests/reference
#
# What R says, as data for tests/unit/test_statistics.c: writes tail.csv, flip.csv, family.csv and
# welch.csv into a directory. The files in the tree were made by R 4.2.2 with multtest 2.54.0 and
# exactRankTests 0.8-35 (Debian: r-base-core, r-bioc-multtest, r-cran-exactranktests). The tests
# read the files and need no R.
#
# Nothing here works as harness/judge does: sums of all flips come from a matrix of signs, and an
# interval from bisection over shifts of the test. Where R has the test itself, its answer is
# what is written, and the script stops if the two differ.

suppressMessages({ library(multtest); library(exactRankTests) })
options(warn = 2)
dir <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20251017)

number <- function(x) ifelse(is.na(x), "NA", ifelse(is.infinite(x), ifelse(x > 0, "Inf", "-Inf"), sprintf("%.17g", x)))
line <- function(file, kind, ...) cat(kind, ",", paste(number(c(...)), collapse = ","), "\n", sep = "", file = file)
open_csv <- function(name, columns) {
	file <- file(file.path(dir, name), "w")
	cat("# Made by statistics.R; do not edit.\n", paste0("# ", columns, "\n"), sep = "", file = file)
	file
}

# Tails.
out <- open_csv("tail.csv", c("student,t,df,P(|T| >= |t|)", "quantile,alpha,df,t", "binomial,hits,draws,alpha,low,high"))
for (df in c(1, 2, 3.7, 7, 30, 999.5))
	for (t in c(0, 0.01, 0.7, 2, 3.5, 12, -5))
		line(out, "student", t, df, 2 * pt(-abs(t), df))
for (df in c(1, 2, 3.7, 7, 30, 999.5))
	for (alpha in c(0.5, 0.05, 0.01, 1e-4))
		line(out, "quantile", alpha, df, qt(1 - alpha / 2, df))
for (case in list(c(0, 10), c(10, 10), c(1, 10), c(3, 999), c(37, 99999), c(999, 99999), c(50000, 99999), c(99990, 99999)))
	for (alpha in c(0.05, 0.01)) {
		ci <- binom.test(case[1], case[2], conf.level = 1 - alpha)$conf.int
		line(out, "binomial", case, alpha, ci)
	}
close(out)

# One cell.
signs_of <- function(n) as.matrix(expand.grid(rep(list(c(1, -1)), n)))
as_far <- function(s) mean(abs(s) >= abs(s[1]) - 1e-10 * max(abs(s)))
flip_p <- function(S, d, shift = 0) as_far(as.vector(S %*% (d - shift)))
boundary <- function(inside, outside, keeps) {
	if (keeps(outside)) return(sign(outside) * Inf)
	for (i in 1:200) {
		middle <- (inside + outside) / 2
		if (keeps(middle)) inside <- middle else outside <- middle
	}
	inside
}
flip_interval <- function(S, d, alpha) {
	sum_d <- as.vector(S %*% d); sum_1 <- rowSums(S)
	keeps <- function(shift) as_far(sum_d - shift * sum_1) > alpha * (1 + 1e-12)
	c(boundary(mean(d), -100, keeps), boundary(mean(d), 100, keeps))
}
out <- open_csv("flip.csv", c("d,log ratios, one a block",
	"t,statistic,p,and for each alpha below: low,high		t.test",
	"wilcox,p		wilcox.test, exact (exactRankTests::wilcox.exact where there are ties)",
	"flip,mean,sd,p		all sign flips (checked against exactRankTests::perm.test where d are whole hundredths)",
	"interval,alpha,low,high	by bisection over the shifts that are not rejected",
	"many,p			all 2^n flips, for a test that draws some"))
one_cell <- function(d) {
	n <- length(d); S <- signs_of(n); tt <- t.test(d); hundredths <- round(d * 100)
	whole <- max(abs(hundredths - d * 100)) < 1e-9
	line(out, "d", d)
	line(out, "t", tt$statistic, tt$p.value, t.test(d, conf.level = 0.95)$conf.int, t.test(d, conf.level = 0.99)$conf.int)
	ties <- any(d == 0) || anyDuplicated(abs(hundredths)) && whole
	# wilcox.exact() drops what is 0; flips of 0 change nothing either.
	line(out, "wilcox", if (ties) wilcox.exact(hundredths)$p.value else wilcox.test(d, exact = TRUE)$p.value)
	p <- flip_p(S, d)
	if (whole) stopifnot(abs(p - perm.test(as.integer(hundredths), paired = FALSE, exact = TRUE)$p.value) < 1e-12)
	line(out, "flip", mean(d), sd(d), p)
	for (alpha in c(0.5, 0.1, 0.05, 0.01, 2 / 256)) line(out, "interval", alpha, flip_interval(S, d, alpha))
}
for (n in c(2, 3, 5, 7, 8, 8, 8, 10, 12, 14)) one_cell(rnorm(n, runif(1, -0.05, 0.05), 0.03))
one_cell(c(rnorm(7, 0.02, 0.005), -0.4))
one_cell(rcauchy(9) * 0.01)
one_cell(c(1, 2, 2, 3, 3, 3, -1, 5) / 100)
one_cell(c(-4, 0, -4, 1, -3, 2, -2, -4, 0) / 100)
one_cell(c(-1, 1, 2, -2, 3) / 100)
for (n in c(21, 22)) for (shift in c(0, 0.008, 0.02)) {
	d <- rnorm(n, shift, 0.02)
	turned <- 0
	for (x in d) turned <- c(turned, turned + x)
	line(out, "d", d)
	line(out, "many", as_far(sum(d) - 2 * turned))
}
close(out)

# Families: rows are cells, columns are blocks.
max_t <- function(x) {
	S <- signs_of(ncol(x)); x[is.na(x)] <- 0
	x <- x / sqrt(rowSums(x^2))
	z <- abs(S %*% t(x)); seen <- z[1, ]
	rank <- order(-seen); adjusted <- numeric(nrow(x)); most <- 0
	for (i in seq_along(rank)) {
		rest <- apply(z[, rank[i:length(rank)], drop = FALSE], 1, max)
		most <- max(most, mean(rest >= seen[rank[i]] - 1e-10))
		adjusted[rank[i]] <- most
	}
	list(z = rowSums(x), raw = colMeans(z >= rep(seen, each = nrow(z)) - 1e-10), adjusted = adjusted)
}
out <- open_csv("family.csv", c("family,cells,blocks",
	"cell,z,p,adjusted,holm,log ratios...	adjusted: multtest::mt.maxT, complete enumeration, where none is absent;",
	"					holm: p.adjust of p"))
family <- function(x) {
	m <- max_t(x)
	if (!anyNA(x)) {
		pairs <- matrix(0, nrow(x), 2 * ncol(x)); pairs[, 2 * seq_len(ncol(x))] <- x
		capture.output(theirs <- mt.maxT(pairs, rep(0:1, ncol(x)), test = "pairt", B = 0))
		theirs <- theirs[order(theirs$index), ]
		stopifnot(abs(theirs$adjp - m$adjusted) < 1e-9, abs(theirs$rawp - m$raw) < 1e-9)
		m$adjusted <- theirs$adjp; m$raw <- theirs$rawp
	}
	holm <- p.adjust(m$raw, "holm")
	line(out, "family", dim(x))
	for (i in seq_len(nrow(x))) line(out, "cell", m$z[i], m$raw[i], m$adjusted[i], holm[i], x[i, ])
}
together <- function(cells, blocks, boot, within, change = 0)
	change + matrix(rnorm(blocks, 0, boot), cells, blocks, byrow = TRUE) + matrix(rnorm(cells * blocks, 0, within), cells)
family(together(1, 6, 0.01, 0.01))
family(together(3, 4, 0.01, 0.01, 0.02))
family(together(5, 8, 0.02, 0.02, c(0.05, 0, -0.04, 0.01, 0)))
family(together(44, 8, 0.01, 0.01, rep(c(-0.08, 0), c(4, 40))))
family(together(12, 10, 0.02, 0.005, seq(0, 0.03, length.out = 12)))
holes <- together(9, 9, 0.02, 0.01, c(0.1, 0.05, 0.03, rep(0, 6)))
holes[cbind(c(1, 1, 2, 4, 4, 4, 7), c(1, 2, 9, 3, 4, 5, 9))] <- NA
family(holes)
close(out)

# Two figures of which no runs are known.
out <- open_csv("welch.csv", "welch,n1,mean1,sd1,n2,mean2,sd2,alpha,t,df,p,low,high	bounds of mean2 - mean1")
for (case in list(c(5, 100, 2, 5, 104, 3), c(3, 10, 1, 12, 10.1, 0.2), c(2, 400, 40, 2, 360, 50), c(30, 1e5, 300, 30, 99000, 900))) {
	a <- rnorm(case[1], case[2], case[3]); b <- rnorm(case[4], case[5], case[6])
	for (alpha in c(0.05, 0.01)) {
		t <- t.test(b, a, conf.level = 1 - alpha)
		line(out, "welch", length(a), mean(a), sd(a), length(b), mean(b), sd(b), alpha, t$statistic, t$parameter, t$p.value, t$conf.int)
	}
}
close(out)
