/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/count/predict_cell.h"

#include <stdlib.h>
#include <string.h>

#include "harness/count/steps.h"
#include "lib/alloc.h"

#define SEVERAL UINT32_MAX

/* Lines met so far, by physical address: open addressing, at most half full. */
struct line_map {
	uint32_t *slot;		/* index in predict_cell.line[] + 1; 0: empty */
	size_t size;		/* a power of two */
	uint32_t room;		/* for lines in predict_cell.line[] and in meta[] */
	struct {
		uint32_t thread;	/* the only one that touches it, or SEVERAL */
		bool written;
	} *meta;
};

/* Fibonacci hashing (Knuth, volume 3, 6.4): the high bits of the product are the mixed ones. */
static size_t slot_of(const struct line_map *m, uint64_t line)
{
	return (line / OP_LINE * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (m->size - 1);
}

static void grow(struct line_map *m, struct predict_cell *c)
{
	size_t slot;
	uint32_t i;

	m->room = m->room ? 2 * m->room : 1024;
	m->size = 2 * (size_t)m->room;
	c->line = xrealloc(c->line, m->room, sizeof(*c->line));
	m->meta = xrealloc(m->meta, m->room, sizeof(*m->meta));
	free(m->slot);
	m->slot = xcalloc(m->size, sizeof(*m->slot));
	for (i = 0; i < c->nlines; i++) {
		for (slot = slot_of(m, c->line[i].line); m->slot[slot]; slot = (slot + 1) & (m->size - 1))
			;
		m->slot[slot] = i + 1;
	}
}

static uint32_t find_line(struct line_map *m, struct predict_cell *c, const struct access *a, uint32_t thread)
{
	const uint64_t line = a->at / OP_LINE * OP_LINE;
	size_t slot;

	if (c->nlines == m->room)
		grow(m, c);
	for (slot = slot_of(m, line); m->slot[slot]; slot = (slot + 1) & (m->size - 1))
		if (c->line[m->slot[slot] - 1].line == line)
			return m->slot[slot] - 1;
	m->slot[slot] = c->nlines + 1;
	c->line[c->nlines] = (struct cell_line){ .line = line, .virt = a->virt, .shared = CELL_PRIVATE };
	m->meta[c->nlines].thread = thread;
	m->meta[c->nlines].written = false;
	return c->nlines++;
}

static void add_op(struct predict_cell *c, struct line_map *m, const struct op *op, uint32_t thread)
{
	struct cell_access *to = c->access + c->naccesses;
	uint32_t looped = op->count[COUNT_LOOPED], line;
	const struct access *a;
	struct cell_op *made;

	made = &c->op[c->nops++];
	*made = (struct cell_op){
		.first = c->naccesses,
		.n = op->naccesses,
		.tail = op->tail,
		.syscalls = op->count[COUNT_SYSCALLS],
		.exceptions = op->count[COUNT_EXCEPTIONS],
		.switches = op->count[COUNT_STAC] + op->count[COUNT_CLAC] + op->count[COUNT_PAN],
		.atomics = op->count[COUNT_ATOMICS] + op->count[COUNT_USER_ATOMICS],
		.string_bytes = op->count[COUNT_STRING_BYTES],
	};
	for (a = op->access; a < op->access + op->naccesses; a++) {
		line = find_line(m, c, a, thread);
		if (m->meta[line].thread != thread)
			m->meta[line].thread = SEVERAL;
		m->meta[line].written |= a->kind != ACCESS_LOAD;
		looped -= a->looped;
		*to++ = (struct cell_access){
			.line = line, .insn = a->insn, .gap = a->gap, .looped = a->looped,
			.bytes = a->bytes, .kind = a->kind, .string = a->string,
		};
	}
	made->tail_looped = looped;
	c->naccesses += op->naccesses;
}

static void sort_lines_out(struct predict_cell *c, const struct line_map *m)
{
	uint32_t i;

	c->shared = xcalloc(c->nlines ? c->nlines : 1, sizeof(*c->shared));
	for (i = 0; i < c->nlines; i++) {
		if (m->meta[i].thread != SEVERAL) {
			c->thread[m->meta[i].thread].own_lines++;
			continue;
		}
		c->common_lines++;
		if (!m->meta[i].written)
			continue;
		c->line[i].shared = c->nshared;
		c->shared[c->nshared++] = i;
	}
}

static void note_touchers(struct predict_cell *c)
{
	const struct cell_access *a;
	const struct cell_op *op;
	uint32_t thread, shared;

	c->words = (c->nthreads + 63) / 64;
	c->touchers = xcalloc((size_t)c->nshared * c->words + 1, sizeof(*c->touchers));
	for (thread = 0; thread < c->nthreads; thread++)
		for (op = c->op + c->thread[thread].first;
		     op < c->op + c->thread[thread].first + c->thread[thread].n; op++)
			for (a = c->access + op->first; a < c->access + op->first + op->n; a++) {
				shared = c->line[a->line].shared;
				if (shared != CELL_PRIVATE)
					c->touchers[(size_t)shared * c->words + thread / 64] |=
						UINT64_C(1) << thread % 64;
			}
}

static int compare_vcpus(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The vCPUs with ops at the mode, ascending. */
static uint32_t *list_vcpus(const struct region *r, const struct tally *t, uint32_t *n)
{
	uint32_t *vcpu = xcalloc(t->at_mode, sizeof(*vcpu));
	size_t i, all = 0;

	for (i = 0; i < r->nops; i++)
		if (t->mode[i])
			vcpu[all++] = r->op[i].vcpu;
	qsort(vcpu, all, sizeof(*vcpu), compare_vcpus);
	*n = 0;
	for (i = 0; i < all; i++)
		if (!*n || vcpu[i] != vcpu[*n - 1])
			vcpu[(*n)++] = vcpu[i];
	return vcpu;
}

static void make_room(struct predict_cell *c, const struct region *r, const struct tally *t)
{
	size_t i, accesses = 0;

	for (i = 0; i < r->nops; i++)
		if (t->mode[i])
			accesses += r->op[i].naccesses;
	c->thread = xcalloc(c->nthreads, sizeof(*c->thread));
	c->op = xcalloc(t->at_mode, sizeof(*c->op));
	c->access = xcalloc(accesses ? accesses : 1, sizeof(*c->access));
	c->steps = xcalloc(1, sizeof(struct steps *));
}

struct predict_cell *predict_cell_new(const struct region *r, const struct tally *t)
{
	struct line_map map = { 0 };
	struct predict_cell *c;
	uint32_t *vcpu, thread;
	size_t i;

	if (!t->at_mode)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	vcpu = list_vcpus(r, t, &c->nthreads);
	make_room(c, r, t);
	for (thread = 0; thread < c->nthreads; thread++) {
		c->thread[thread].first = c->nops;
		for (i = 0; i < r->nops; i++)
			if (t->mode[i] && r->op[i].vcpu == vcpu[thread])
				add_op(c, &map, &r->op[i], thread);
		c->thread[thread].n = c->nops - c->thread[thread].first;
	}
	sort_lines_out(c, &map);
	note_touchers(c);
	free(map.slot);
	free(map.meta);
	free(vcpu);
	return c;
}

void predict_cell_free(struct predict_cell *c)
{
	if (!c)
		return;
	steps_free(*c->steps);
	free(c->steps);
	free(c->thread);
	free(c->op);
	free(c->access);
	free(c->line);
	free(c->shared);
	free(c->touchers);
	free(c);
}
