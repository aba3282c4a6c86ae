/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/brief.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "lib/alloc.h"
#include "lib/buf.h"

/* A cell's name is its workload and then its parameters, in a plan always the same ones in the same order. */
struct kind {
	const char *first;	/* name of the first cell of that workload */
	bool *differs;		/* [nwords]: some other cell has another word there */
	size_t nwords;
};

static size_t count_words(const char *name)
{
	size_t n = 1;

	for (; *name; name++)
		n += *name == ' ';
	return n;
}

static const char *next_word(const char *word)
{
	word += strcspn(word, " ");
	return *word ? word + 1 : word;
}

static bool same_word(const char *a, const char *b)
{
	size_t len = strcspn(a, " ");

	return len == strcspn(b, " ") && !memcmp(a, b, len);
}

static void compare(struct kind *k, const char *name)
{
	const char *a = k->first, *b = name;
	size_t n = count_words(name), i;

	if (n > k->nwords) {
		k->differs = xrealloc(k->differs, n, sizeof(k->differs[0]));
		for (i = k->nwords; i < n; i++)
			k->differs[i] = true;
		k->nwords = n;
	}
	for (i = 0; i < k->nwords; i++) {
		k->differs[i] |= !same_word(a, b);
		a = next_word(a);
		b = next_word(b);
	}
}

struct kinds {
	struct kind *kind;
	size_t n;
};

static struct kind *find(const struct kinds *all, const char *name)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (same_word(all->kind[i].first, name))
			return &all->kind[i];
	return NULL;
}

static struct kinds sort_out(const struct plan *plan)
{
	struct kinds all = { 0 };
	struct kind *k;
	const char *name;
	size_t i;

	for (i = 0; i < plan->ncells; i++) {
		name = plan->cell[i].name;
		k = find(&all, name);
		if (k) {
			compare(k, name);
			continue;
		}
		all.kind = xrealloc(all.kind, all.n + 1, sizeof(all.kind[0]));
		k = &all.kind[all.n++];
		*k = (struct kind){ .first = name, .nwords = count_words(name) };
		k->differs = xcalloc(k->nwords, sizeof(k->differs[0]));
	}
	return all;
}

static void kinds_release(struct kinds *all)
{
	while (all->n)
		free(all->kind[--all->n].differs);
	free(all->kind);
}

static void add(const struct kinds *all, const char *name, struct buf *out)
{
	const struct kind *k = find(all, name);
	const char *word = name;
	size_t i, key;

	buf_add(out, name, strcspn(name, " "));
	for (i = 1; i < k->nwords; i++) {
		word = next_word(word);
		key = strcspn(word, "= ");
		if (!k->differs[i] || word[key] != '=')
			continue;
		buf_ch(out, '/');
		buf_add(out, word + key + 1, strcspn(word + key + 1, " "));
	}
}

void brief_make(struct plan *plan)
{
	struct kinds all = sort_out(plan);
	struct buf text = BUF_INIT;
	size_t i;

	for (i = 0; i < plan->ncells; i++) {
		add(&all, plan->cell[i].name, &text);
		free(plan->cell[i].brief);
		plan->cell[i].brief = buf_detach(&text);
	}
	kinds_release(&all);
}

void brief_add(const struct plan *plan, size_t cell, struct buf *out)
{
	struct kinds all;

	if (plan->cell[cell].brief) {
		buf_str(out, plan->cell[cell].brief);
		return;
	}
	all = sort_out(plan);
	add(&all, plan->cell[cell].name, out);
	kinds_release(&all);
}
