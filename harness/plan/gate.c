/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan/gate.h"

#include <stdlib.h>
#include <string.h>

#include "harness/plan/yaml.h"
#include "lib/buf.h"

static const char *const answers[] = { [GATE_REJECT] = "reject", [GATE_CANNOT] = "cannot", NULL };

static const struct schema_key keys[] = {
	{ .param = { .name = "gate", .kind = PARAM_TEXT, .help = "the gate's name" },
	  SCHEMA_AT(struct gate, name) },
	{ .param = { .name = "about", .kind = PARAM_TEXT, .help = "what the gate is for" },
	  SCHEMA_AT(struct gate, about), .optional = true, .lines = true },
	{ .param = { .name = "crash", .kind = PARAM_CHOICE, .def = "reject", .choices = answers,
		     .help = "a guest that panics, oopses, warns, locks up or falls silent where the baseline's does not" },
	  SCHEMA_AT(struct gate, crash) },
	{ .param = { .name = "wrong_data", .kind = PARAM_CHOICE, .def = "reject", .choices = answers,
		     .help = "wrong bytes or counts where the baseline's are right" },
	  SCHEMA_AT(struct gate, wrong_data) },
	SCHEMA_END
};

const struct schema gate_schema = { .what = "a gate", .keys = keys };

int gate_parse(const char *file, const char *text, size_t len, struct gate *g, struct buf *why)
{
	struct yaml_value root;
	int ret;

	*g = (struct gate){ 0 };
	ret = yaml_read(file, text, len, &root, why);
	if (!ret)
		ret = schema_read(&gate_schema, file, &root, g, why);
	yaml_release(&root);
	return ret;
}

void gate_release(struct gate *g)
{
	free(g->name);
	free(g->about);
	*g = (struct gate){ 0 };
}

const char *gate_answer_name(uint32_t answer)
{
	return answers[answer];
}
