/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/param.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/near.h"
#include "lib/units.h"

#define CPU_MAX 65535	/* more than any kernel's NR_CPUS (8192 on x86-64 in 6.12) */

int cpulist_parse(const char *text, unsigned *cpus, size_t max)
{
	char *copy = xstrdup(text), *at = copy, *part, *dash;
	uint64_t first, last;
	int n = 0;

	while ((part = strsep(&at, ","))) {
		dash = strchr(part, '-');
		if (dash)
			*dash = '\0';
		if (units_count(part, &first) || (dash && units_count(dash + 1, &last)))
			goto bad;
		if (!dash)
			last = first;
		if (last < first || last > CPU_MAX)
			goto bad;
		for (; first <= last; first++, n++) {
			if (cpus && (size_t)n >= max)
				goto bad;
			if (cpus)
				cpus[n] = (unsigned)first;
		}
	}
	free(copy);
	return n;
bad:
	free(copy);
	return -1;
}

/* Does text match one entry of a choice table? See struct param for the two that are patterns. */
static bool choice_takes(const char *choice, const char *text)
{
	size_t len = strlen(choice);
	uint64_t n;

	if (!strcmp(choice, "LIST"))
		return cpulist_parse(text, NULL, 0) > 0;
	if (len > 2 && !strcmp(choice + len - 2, ":N"))
		return !strncmp(choice, text, len - 1) && !units_count(text + len - 1, &n);
	return !strcmp(choice, text);
}

void param_range(const struct param *row, struct buf *out)
{
	char lo[UNITS_TEXT_MAX], hi[UNITS_TEXT_MAX];
	size_t i;

	switch (row->kind) {
	case PARAM_COUNT:
		buf_fmt(out, "%" PRIu64 " to %" PRIu64, row->min, row->max);
		break;
	case PARAM_SIZE:
		buf_fmt(out, "%s to %s", units_size_text(row->min, lo),
			units_size_text(row->max, hi));
		break;
	case PARAM_DURATION:
		buf_fmt(out, "%s to %s", units_duration_text(row->min, lo),
			units_duration_text(row->max, hi));
		break;
	case PARAM_CHOICE:
		for (i = 0; row->choices[i]; i++)
			buf_fmt(out, "%s%s", i ? "|" : "", row->choices[i]);
		break;
	case PARAM_TEXT:
		buf_str(out, "text");
		break;
	}
}

static int check_choice(const struct param *row, const char *text, uint64_t *n, struct buf *why)
{
	struct near near;
	size_t i;

	near_init(&near, text);
	for (i = 0; row->choices[i]; i++) {
		if (choice_takes(row->choices[i], text)) {
			if (n)
				*n = i;
			return 0;
		}
		near_offer(&near, row->choices[i]);
	}
	buf_fmt(why, "%s: '%s' is not one of ", row->name, text);
	param_range(row, why);
	near_hint(&near, why);
	return -1;
}

int param_check(const struct param *row, const char *text, uint64_t *n, struct buf *why)
{
	static const struct {
		int (*parse)(const char *text, uint64_t *out);
		const char *what;
	} kinds[] = {
		[PARAM_COUNT] = { units_count, "a number" },
		[PARAM_SIZE] = { units_size, "a size such as 512, 4k or 1M" },
		[PARAM_DURATION] = { units_duration, "a duration such as 500ms or 2s" },
	};
	uint64_t value;

	if (row->kind == PARAM_TEXT)
		return 0;
	if (row->kind == PARAM_CHOICE)
		return check_choice(row, text, n, why);
	if (kinds[row->kind].parse(text, &value)) {
		buf_fmt(why, "%s: '%s' is not %s (", row->name, text, kinds[row->kind].what);
		param_range(row, why);
		buf_ch(why, ')');
		return -1;
	}
	if (value < row->min || value > row->max) {
		buf_fmt(why, "%s: '%s' is out of range (", row->name, text);
		param_range(row, why);
		buf_ch(why, ')');
		return -1;
	}
	if (n)
		*n = value;
	return 0;
}

static void set_value(const struct param *row, struct param_value *v, const char *text)
{
	struct buf why = BUF_INIT;

	if (param_check(row, text, &v->n, &why))
		BUG("a default is wrong: %s", buf_text(&why));
	buf_release(&why);
	v->text = xstrdup(text);
}

static size_t rows(const struct param *table)
{
	size_t n = 0;

	while (table && table[n].name)
		n++;
	return n;
}

void params_init(struct params *p, const struct param *own, const struct param *common)
{
	size_t first = rows(own), i;

	p->n = first + rows(common);
	p->row = xcalloc(p->n, sizeof(p->row[0]));
	p->value = xcalloc(p->n, sizeof(p->value[0]));
	for (i = 0; i < p->n; i++) {
		p->row[i] = i < first ? &own[i] : &common[i - first];
		if (p->row[i]->def)
			set_value(p->row[i], &p->value[i], p->row[i]->def);
	}
}

void params_release(struct params *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->value[i].text);
	free(p->value);
	free(p->row);
	*p = (struct params){ 0 };
}

int params_find(const struct params *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->row[i]->name, name))
			return (int)i;
	return -1;
}

int params_set(struct params *p, const char *name, const char *text, struct buf *why)
{
	int at = params_find(p, name);
	struct param_value *v;
	struct near near;
	size_t i;

	if (at < 0) {
		near_init(&near, name);
		for (i = 0; i < p->n; i++)
			near_offer(&near, p->row[i]->name);
		buf_fmt(why, "unknown parameter '%s'", name);
		near_hint(&near, why);
		return -1;
	}
	v = &p->value[at];
	if (param_check(p->row[at], text, &v->n, why))
		return -1;
	free(v->text);
	v->text = xstrdup(text);
	v->set = true;
	return 0;
}

int params_assign(struct params *p, const char *assignment, struct buf *why)
{
	const char *eq = strchr(assignment, '=');
	char *name;
	int ret;

	if (!eq || eq == assignment) {
		buf_fmt(why, "'%s' is not key=value", assignment);
		return -1;
	}
	name = xstrndup(assignment, (size_t)(eq - assignment));
	ret = params_set(p, name, eq + 1, why);
	free(name);
	return ret;
}

int params_complete(const struct params *p, struct buf *why)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!p->value[i].text) {
			buf_fmt(why, "missing parameter '%s' (", p->row[i]->name);
			param_range(p->row[i], why);
			buf_ch(why, ')');
			return -1;
		}
	return 0;
}

static const struct param_value *get(const struct params *p, const char *name)
{
	int at = params_find(p, name);

	if (at < 0 || !p->value[at].text)
		BUG("parameter '%s' has no value", name);
	return &p->value[at];
}

uint64_t params_number(const struct params *p, const char *name)
{
	return get(p, name)->n;
}

const char *params_text(const struct params *p, const char *name)
{
	return get(p, name)->text;
}

unsigned params_choice(const struct params *p, const char *name)
{
	return (unsigned)get(p, name)->n;
}

void param_canonical(const struct param *row, const struct param_value *v, struct buf *out)
{
	char text[UNITS_TEXT_MAX];

	switch (row->kind) {
	case PARAM_COUNT:
		buf_fmt(out, "%" PRIu64, v->n);
		break;
	case PARAM_SIZE:
		buf_str(out, units_size_text(v->n, text));
		break;
	case PARAM_DURATION:
		buf_str(out, units_duration_text(v->n, text));
		break;
	case PARAM_CHOICE:
	case PARAM_TEXT:
		buf_str(out, v->text);
		break;
	}
}

void cell_name(const char *workload, const struct params *p, struct buf *out)
{
	size_t i;

	buf_str(out, workload);
	for (i = 0; i < p->n; i++) {
		if (p->row[i]->where)
			continue;
		buf_fmt(out, " %s=", p->row[i]->name);
		param_canonical(p->row[i], &p->value[i], out);
	}
}

/* FNV-1a, 64 bits, Fowler, Noll and Vo; offset basis and prime as in draft-eastlake-fnv. */
void cell_id(const char *name, char id[CELL_ID_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	uint64_t h = 0xcbf29ce484222325;
	int i;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	for (i = 0; i < CELL_ID_LEN; i++)
		id[i] = hex[(h >> (60 - 4 * i)) & 15];
	id[CELL_ID_LEN] = '\0';
}

int cell_field(const char *name, const char *key, struct buf *out)
{
	size_t len = strlen(key);
	const char *at = strchrnul(name, ' ');

	buf_reset(out);
	if (!strcmp(key, "workload")) {
		buf_add(out, name, (size_t)(at - name));
		return 0;
	}
	while (*at) {
		at++;
		if (!strncmp(at, key, len) && at[len] == '=') {
			at += len + 1;
			buf_add(out, at, (size_t)(strchrnul(at, ' ') - at));
			return 0;
		}
		at = strchrnul(at, ' ');
	}
	return -1;
}
