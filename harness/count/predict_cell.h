/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a region to predict from: the ops at the mode, thread by thread,
 * with lines numbered and told apart: those that one thread alone touches, or that
 * nobody writes, never move between cores. Private to predict_*.c. Pure.
 */
#ifndef HARNESS_COUNT_PREDICT_CELL_H
#define HARNESS_COUNT_PREDICT_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/predict.h"

#define CELL_PRIVATE UINT32_MAX

struct cell_line {
	uint64_t line;		/* physical */
	uint64_t virt;		/* of its first access */
	uint32_t shared;	/* its number among the lines that move, or CELL_PRIVATE */
};

struct cell_access {
	uint32_t line;		/* index in predict_cell.line[] */
	uint32_t insn;
	uint32_t gap, looped;
	uint8_t bytes;
	uint8_t kind;
	bool string;
};

struct cell_op {
	size_t first, n;	/* in predict_cell.access[] */
	uint32_t tail, tail_looped;
	uint32_t syscalls, exceptions;
	uint32_t switches;	/* STAC, CLAC, PAN */
	uint32_t atomics;
	uint32_t string_bytes;
};

struct cell_thread {
	size_t first, n;	/* in predict_cell.op[] */
	uint32_t own_lines;	/* that no other thread touches */
};

struct steps;

struct predict_cell {
	struct cell_thread *thread;	/* by vCPU */
	uint32_t nthreads;
	struct cell_op *op;
	size_t nops;
	struct cell_access *access;
	size_t naccesses;
	struct cell_line *line;
	uint32_t nlines;
	uint32_t *shared;		/* [nshared]: indices in line[] */
	uint32_t nshared;
	uint64_t *touchers;		/* [nshared * words]: a bit for each thread that touches the line */
	uint32_t words;
	uint32_t common_lines;		/* that several threads touch, written or not */
	/* The steps for the private cache last asked for, so that many runs on one processor make them once. */
	struct steps **steps;
};

#endif
