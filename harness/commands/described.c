/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/described.h"

#include "harness/commands/interrupt.h"
#include "harness/guest/machine.h"
#include "harness/plan/catalogue.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

static int add_line(const char *text, size_t len, void *data)
{
	struct buf *all = data;

	buf_add(all, text, len);
	buf_ch(all, '\n');
	return 0;
}

int described(const char *driver, struct catalogue *c)
{
	static const char *const ask[] = { "describe", "--json", NULL };
	const struct machine here = { .driver = driver };
	const struct machine_call call = { .argv = ask, .limit_ns = DESCRIBED_LIMIT_NS, .stop = &interrupted };
	struct buf text = BUF_INIT, why = BUF_INIT;
	int ret = EXIT_CANNOT;

	*c = (struct catalogue){ 0 };
	if (machine_run(&here, &call, add_line, &text) != EXIT_ACCEPT)
		;	/* said */
	else if (catalogue_parse(buf_text(&text), text.len, c, &why))
		err("%s describe --json: %s", driver, buf_text(&why));
	else
		ret = EXIT_ACCEPT;
	buf_release(&text);
	buf_release(&why);
	return ret;
}
