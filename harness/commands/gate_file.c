/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/gate_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/commands/config_file.h"
#include "harness/judge/judged.h"
#include "harness/store/run.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define KEPT "gate.yaml"

static int parse(const char *path, const struct buf *text, const struct catalogue *catalogue, struct gate *g)
{
	struct buf why = BUF_INIT;
	int ret = 0;

	if (gate_parse(path, buf_text(text), text->len, g, &why) || judged_check_gate(g, &why) ||
	    (catalogue && gate_check_cells(g, catalogue, &why)))
		ret = err_at(buf_text(&why));
	buf_release(&why);
	return ret;
}

int gate_file_read(const char *what, const struct catalogue *catalogue, struct gate *g, struct buf *text)
{
	char *path = config_file("gates", what ? what : "default");
	const struct config_read file = {
		.kind = "gate", .dir = "gates", .what = what ? what : "default", .path = path
	};
	int ret;

	*g = (struct gate){ 0 };
	if (!path)
		return EXIT_CANNOT;
	ret = config_file_read(&file, text) || parse(path, text, catalogue, g) ? EXIT_USAGE : EXIT_ACCEPT;
	free(path);
	return ret;
}

void gate_file_standard(struct gate *g, struct buf *text)
{
	struct buf why = BUF_INIT;

	buf_str(text, "gate: default\n");
	if (gate_parse("default", buf_text(text), text->len, g, &why) || judged_check_gate(g, &why))
		BUG("the standard gate: %s", buf_text(&why));
}

int gate_file_kept(const struct run *r, struct gate *g)
{
	char *path = run_path(r, KEPT);
	struct buf text = BUF_INIT;
	int ret = 0;

	*g = (struct gate){ 0 };
	if (access(path, F_OK))
		gate_file_standard(g, &text);
	else
		ret = run_read_file(r, KEPT, &text) || parse(path, &text, NULL, g) ? -1 : 0;
	free(path);
	buf_release(&text);
	return ret;
}
