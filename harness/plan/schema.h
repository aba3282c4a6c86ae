/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a YAML mapping as one const table, from which reading, defaults,
 * errors and the documentation's tables all follow. Pure.
 *
 *	struct guest { uint32_t cpus; uint64_t memory; char *name; };
 *	static const struct schema_key guest_keys[] = {
 *		{ .param = { .name = "cpus", .kind = PARAM_COUNT, .def = "1", .min = 1, .max = 4096,
 *			     .help = "virtual CPUs" }, SCHEMA_AT(struct guest, cpus) },
 *		{ .param = { .name = "name", .kind = PARAM_TEXT, .help = "what to call it" },
 *		  SCHEMA_AT(struct guest, name), .optional = true },
 *		{ .param = { .name = "disks", .help = "..." }, .form = SCHEMA_LIST },
 *		SCHEMA_END
 *	};
 *	static const struct schema guest_schema = { "a guest", guest_keys };
 *
 * What a list or a mapping holds is read by its owner, who takes it with
 * yaml_find() and, for mappings, calls schema_read() with another table.
 */
#ifndef HARNESS_PLAN_SCHEMA_H
#define HARNESS_PLAN_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/plan/yaml.h"
#include "lib/param.h"

/* A text and its place in the file. */
struct schema_text {
	char *text;
	unsigned line, column;	/* from 1; 0: not from the file */
};

enum schema_form {
	SCHEMA_SCALAR,	/* see schema_key.param */
	SCHEMA_LIST,	/* any list; param.kind, def, min, max and the destination mean nothing */
	SCHEMA_MAPPING,	/* any mapping; likewise */
};

struct schema_key {
	/*
	 * A scalar's name, kind, range, default and help. Where def is NULL the key must be
	 * given, unless it is optional. Texts are never empty and hold no control characters.
	 */
	struct param param;
	enum schema_form form;
	bool optional;		/* may be missing: the destination is left alone */
	bool lines;		/* a text may hold newlines and tabs */
	/*
	 * The destination: uint32_t or uint64_t for numbers, the same for the index of a
	 * choice, char * or struct schema_text for texts, which are the destination's owner's
	 * to free.
	 */
	size_t offset, size;
};

#define SCHEMA_AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define SCHEMA_END { .param = PARAM_END }

struct schema {
	const char *what;		/* "a job" */
	const struct schema_key *keys;	/* SCHEMA_END at the end */
	bool open;			/* other keys are allowed: their owner looks at them */
};

/*
 * Fills `out`, which was zeroed: what the mapping says, and the defaults. 0, or
 * -1 with "FILE:LINE:COLUMN: what" in why.
 */
int schema_read(const struct schema *schema, const char *file, const struct yaml_value *mapping,
		void *out, struct buf *why);

/* The row of a key, or NULL. */
const struct schema_key *schema_find(const struct schema *schema, const char *name);

/* Sets one scalar from text that has no place. 0, or -1 and why, which starts with the key's name. */
int schema_set(const struct schema_key *key, const char *text, void *out, struct buf *why);

/*
 * May this text be a value at all: not empty, of reasonable length, without
 * control characters (but for newlines and tabs with `lines`)? 0, or -1 and why:
 * "block: no value".
 */
int schema_check_text(const char *name, const char *text, bool lines, struct buf *why);

/* The keys as a Markdown table. */
void schema_describe(const struct schema *schema, struct buf *out);

#endif
