/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/machines.h"

#include <stdlib.h>
#include <string.h>

#include "harness/commands/config_file.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define STANDARD_X86_64 "xeon-platinum-8480"
#define STANDARD_ARM64 "graviton2"

static int read_one(const char *what, struct processor *p)
{
	char *path = config_file("machines", what);
	const struct config_read file = { .kind = "machine", .dir = "machines", .what = what, .path = path };
	struct buf text = BUF_INIT, why = BUF_INIT;
	int ret = EXIT_USAGE;

	if (!path)
		return EXIT_CANNOT;
	if (config_file_read(&file, &text))
		;	/* said */
	else if (processor_parse(path, buf_text(&text), text.len, p, &why))
		err_at(buf_text(&why));
	else
		ret = EXIT_ACCEPT;
	buf_release(&text);
	buf_release(&why);
	free(path);
	return ret;
}

/* Does the last one go with the kernels, and with those before it? */
static int check_last(const struct machines *m, bool arm64)
{
	const struct processor *last = &m->p[m->n - 1];
	size_t i;

	if (last->arm64 != arm64) {
		err("machine '%s' is %s, the kernels are for %s", last->name, last->arm64 ? "arm64" : "x86-64",
		    arm64 ? "arm64" : "x86-64");
		return EXIT_USAGE;
	}
	for (i = 0; i + 1 < m->n; i++)
		if (!strcmp(m->p[i].name, last->name)) {
			err("machine '%s' is named twice", last->name);
			return EXIT_USAGE;
		}
	return EXIT_ACCEPT;
}

int machines_load(struct machines *m, const struct opt_list *names, bool arm64)
{
	const char *standard = arm64 ? STANDARD_ARM64 : STANDARD_X86_64;
	const size_t n = names->n ? names->n : 1;
	int ret = EXIT_ACCEPT;
	size_t i;

	*m = (struct machines){ .p = xcalloc(n, sizeof(m->p[0])) };
	for (i = 0; i < n && ret == EXIT_ACCEPT; i++) {
		ret = read_one(names->n ? names->text[i] : standard, &m->p[m->n]);
		if (ret != EXIT_ACCEPT)
			break;
		m->n++;
		ret = check_last(m, arm64);
	}
	return ret;
}

void machines_release(struct machines *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		processor_release(&m->p[i]);
	free(m->p);
	*m = (struct machines){ 0 };
}
