/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/output.h"

#include <stdio.h>

#include "lib/buf.h"
#include "lib/err.h"

int output_write(const char *file, const struct buf *text)
{
	FILE *f = file ? fopen(file, "w") : stdout;
	int ret = 0;

	if (!f)
		return err("open %s: %m", file);
	if (fwrite(buf_text(text), 1, text->len, f) != text->len && file)
		ret = err("write %s: %m", file);
	if (file && fclose(f) && !ret)
		ret = err("write %s: %m", file);
	return ret;
}
