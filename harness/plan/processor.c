/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/processor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/decimal.h"
#include "harness/plan/yaml.h"
#include "lib/buf.h"

#define LINE 64u	/* bytes of a cache line */
#define COST_MAX 1e6	/* of any constant: what is more is no cost of a processor */

static const char *const archs[] = { "x86-64", "arm64", NULL };
static const char *const answers[] = { "false", "true", NULL };

struct head {
	char *name, *about;
	uint32_t arch, cores, ways, window;
	uint64_t private_bytes, shared_bytes;
};

static const struct schema_key head_keys[] = {
	{ .param = { .name = "machine", .kind = PARAM_TEXT, .help = "the processor's name" },
	  SCHEMA_AT(struct head, name) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what is to be known of it" },
	  SCHEMA_AT(struct head, about), .lines = true },
	{ .param = { .name = "arch", .kind = PARAM_CHOICE, .choices = archs, .help = "its architecture" },
	  SCHEMA_AT(struct head, arch) },
	{ .param = { .name = "cores", .kind = PARAM_COUNT, .min = 1, .max = 1024,
		     .help = "cores that share the level below" },
	  SCHEMA_AT(struct head, cores) },
	{ .param = { .name = "private_cache", .kind = PARAM_SIZE, .min = LINE, .max = 1u << 30,
		     .help = "of each core; the largest, if there are several" },
	  SCHEMA_AT(struct head, private_bytes) },
	{ .param = { .name = "private_ways", .kind = PARAM_COUNT, .min = 1, .max = 64, .help = "of it" },
	  SCHEMA_AT(struct head, ways) },
	{ .param = { .name = "shared_cache", .kind = PARAM_SIZE, .min = LINE, .max = UINT64_C(1) << 40,
		     .help = "what lines that leave a private cache go to" },
	  SCHEMA_AT(struct head, shared_bytes) },
	{ .param = { .name = "window", .kind = PARAM_COUNT, .min = 1, .max = 4096,
		     .help = "instructions that a core has under way at once: entries of its reorder buffer" },
	  SCHEMA_AT(struct head, window) },
	{ .param = { .name = "constants", .help = "what things cost: every one of the table below" },
	  .form = SCHEMA_MAPPING },
	SCHEMA_END
};

const struct schema processor_schema = { .what = "a machine", .keys = head_keys };

#define CONSTANT(constant, called, about) \
	[constant] = { .param = { .name = called, .help = about }, .form = SCHEMA_MAPPING }

static const struct schema_key constant_keys[NCONSTANTS + 1] = {
	CONSTANT(CONST_INSTRUCTION, "instruction_ns", "ns of an instruction that hits its private cache"),
	CONSTANT(CONST_LOOPED, "looped_instruction_ns", "ns of an instruction of a loop that is going on"),
	CONSTANT(CONST_SYSCALL, "syscall_ns", "ns that a system call adds to its instructions"),
	CONSTANT(CONST_ATOMIC, "atomic_ns", "ns that an atomic adds where its line is there already"),
	CONSTANT(CONST_USER_ACCESS, "user_access_ns", "ns that a STAC or CLAC adds, or a switch of PAN"),
	CONSTANT(CONST_STRING_START, "string_start_ns", "ns that a string instruction adds before its first byte"),
	CONSTANT(CONST_TRANSFER, "transfer_ns", "latency in ns of a line that another core has modified"),
	CONSTANT(CONST_UPGRADE, "upgrade_ns", "latency in ns of writing a line that others hold as well"),
	CONSTANT(CONST_SHARED, "shared_ns", "latency in ns of a line that is in the shared level, or clean elsewhere"),
	CONSTANT(CONST_BUSY, "busy_ns", "ns from one move of a line between cores to the next at the earliest"),
	CONSTANT(CONST_MEMORY, "memory_ns", "latency in ns of a line that is in no cache"),
	CONSTANT(CONST_EXCEPTION, "exception_ns", "ns that an exception or interrupt adds, and the return from it"),
	CONSTANT(CONST_LOAD_WAIT, "load_wait_share", "share of a plain load's latency that the core waits for"),
	CONSTANT(CONST_COPY, "copy_bytes_per_ns", "bytes a core copies in a ns, all in its private cache"),
	CONSTANT(CONST_COPY_SHARED, "copy_shared_bytes_per_ns", "bytes a core copies in a ns from the shared level"),
	SCHEMA_END
};

const struct schema processor_constants_schema = { .what = "constants", .keys = constant_keys };

struct written_value {
	struct schema_text value, low, high;
	char *source;
	uint32_t calibrated;
};

static const struct schema_key value_keys[] = {
	{ .param = { .name = "value", .kind = PARAM_TEXT, .help = "a decimal number" },
	  SCHEMA_AT(struct written_value, value) },
	{ .param = { .name = "low", .kind = PARAM_TEXT, .help = "the least that is plausible" },
	  SCHEMA_AT(struct written_value, low) },
	{ .param = { .name = "high", .kind = PARAM_TEXT, .help = "the most that is plausible" },
	  SCHEMA_AT(struct written_value, high) },
	{ .param = { .name = "source", .kind = PARAM_TEXT, .help = "where it is from" },
	  SCHEMA_AT(struct written_value, source), .lines = true },
	{ .param = { .name = "calibrated", .kind = PARAM_CHOICE, .def = "false", .choices = answers,
		     .help = "was the value fitted to published figures?" },
	  SCHEMA_AT(struct written_value, calibrated) },
	SCHEMA_END
};

const struct schema processor_value_schema = { .what = "a constant", .keys = value_keys };

const char *constant_name(enum constant c)
{
	return constant_keys[c].param.name;
}

const char *constant_about(enum constant c)
{
	return constant_keys[c].param.help;
}

/* What is divided by must not be 0, nor may an op of instructions alone take no time. */
static bool may_be_zero(enum constant c)
{
	return c != CONST_INSTRUCTION && c != CONST_LOOPED && c != CONST_COPY && c != CONST_COPY_SHARED;
}

static double most(enum constant c)
{
	return c == CONST_LOAD_WAIT ? 1 : COST_MAX;
}

static int take_number(const char *file, enum constant c, const struct schema_text *text, double *out,
		       struct buf *why)
{
	if (!decimal_parse(text->text, strlen(text->text), out) && (*out > 0 || may_be_zero(c)) && *out <= most(c))
		return 0;
	yaml_place(file, text->line, text->column, why);
	buf_fmt(why, "%s: ", constant_name(c));
	yaml_quote(text->text, why);
	buf_fmt(why, " is not a decimal number %s %.0f, such as 0.5, without a unit",
		may_be_zero(c) ? "from 0 to" : "above 0 and up to", most(c));
	return -1;
}

static int take_value(const char *file, enum constant c, struct written_value *w, struct constant_value *v,
		      struct buf *why)
{
	const struct schema_text *bad;

	if (take_number(file, c, &w->low, &v->low, why) || take_number(file, c, &w->value, &v->value, why) ||
	    take_number(file, c, &w->high, &v->high, why))
		return -1;
	if (v->low <= v->value && v->value <= v->high) {
		v->source = w->source;
		w->source = NULL;
		v->calibrated = w->calibrated;
		return 0;
	}
	bad = v->low > v->value ? &w->low : &w->high;
	yaml_place(file, bad->line, bad->column, why);
	buf_fmt(why, "%s: %s %s is %s the value %s: low, value and high must ascend", constant_name(c),
		bad == &w->low ? "low" : "high", bad->text, bad == &w->low ? "above" : "below", w->value.text);
	return -1;
}

static int read_constant(const char *file, enum constant c, const struct yaml_value *v,
			 struct constant_value *out, struct buf *why)
{
	const struct schema named = { .what = constant_name(c), .keys = value_keys };
	struct written_value w = { 0 };
	int ret = schema_read(&named, file, v, &w, why);

	if (!ret)
		ret = take_value(file, c, &w, out, why);
	free(w.value.text);
	free(w.low.text);
	free(w.high.text);
	free(w.source);
	return ret;
}

static int read_constants(const char *file, const struct yaml_value *constants, struct processor *p,
			  struct buf *why)
{
	struct { char nothing; } none = { 0 };
	int c;

	if (schema_read(&processor_constants_schema, file, constants, &none, why))
		return -1;
	for (c = 0; c < NCONSTANTS; c++)
		if (read_constant(file, (enum constant)c, yaml_find(constants, constant_name((enum constant)c)),
				  &p->constant[c], why))
			return -1;
	return 0;
}

static int check_cache(const char *file, const struct yaml_value *root, const struct head *h, struct buf *why)
{
	const struct yaml_value *at = yaml_find(root, "private_cache");

	if (h->private_bytes % ((uint64_t)h->ways * LINE) == 0)
		return 0;
	yaml_place(file, at->line, at->column, why);
	buf_fmt(why, "private_cache: '%s' is not a whole number of sets of %u ways of %u bytes", at->text, h->ways,
		LINE);
	return -1;
}

static void make_id(struct processor *p)
{
	const struct constant_value *c;
	struct buf all = BUF_INIT;

	buf_fmt(&all, "%d %" PRIu32 " %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRIu32, p->arm64, p->cores,
		p->private_bytes, p->private_ways, p->shared_bytes, p->window);
	for (c = p->constant; c < p->constant + NCONSTANTS; c++)
		buf_fmt(&all, " %.17g %.17g %.17g", c->value, c->low, c->high);
	cell_id(buf_text(&all), p->id);
	buf_release(&all);
}

static int read_all(const char *file, const struct yaml_value *root, struct head *h, struct processor *p,
		    struct buf *why)
{
	if (schema_read(&processor_schema, file, root, h, why) || check_cache(file, root, h, why) ||
	    read_constants(file, yaml_find(root, "constants"), p, why))
		return -1;
	p->name = h->name;
	p->about = h->about;
	h->name = h->about = NULL;
	p->arm64 = h->arch == 1;
	p->cores = h->cores;
	p->private_bytes = h->private_bytes;
	p->private_ways = h->ways;
	p->shared_bytes = h->shared_bytes;
	p->window = h->window;
	make_id(p);
	return 0;
}

int processor_parse(const char *file, const char *text, size_t len, struct processor *p, struct buf *why)
{
	struct head h = { 0 };
	struct yaml_value root;
	int ret;

	*p = (struct processor){ 0 };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = read_all(file, &root, &h, p, why);
	yaml_release(&root);
	free(h.name);
	free(h.about);
	if (ret)
		processor_release(p);
	return ret;
}

void processor_release(struct processor *p)
{
	int c;

	for (c = 0; c < NCONSTANTS; c++)
		free(p->constant[c].source);
	free(p->name);
	free(p->about);
	*p = (struct processor){ 0 };
}
