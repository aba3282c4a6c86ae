/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/wish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/kernel/kernel.h"
#include "harness/kernel/make.h"
#include "harness/kernel/place.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define MODULES_NAMED 5
#define FILE_BYTES (4u << 20)	/* more is no configuration */
/*
 * Steps of a build for each symbol that is y, in tenths: for an estimate of the first build. The small kernel of the
 * tests has 28, x86-64's defconfig 19.
 */
#define STEPS_PER_SYMBOL 24

static int read_config(const char *kind, const char *path, struct buf *out)
{
	size_t before = out->len;

	if (buf_read_file(out, path))
		return err("read the %s %s: %m", kind, path);
	if (out->len - before > FILE_BYTES)
		return err("the %s %s is no configuration: it has more than %u MiB", kind, path,
			   FILE_BYTES >> 20);
	if (out->len == before)
		return err("the %s %s is empty", kind, path);
	if (out->s[out->len - 1] != '\n')
		buf_ch(out, '\n');
	return 0;
}

static int read_fragment(struct wish *w, const char *path)
{
	size_t before = w->fragments.len;
	struct buf why = BUF_INIT;
	int ret = read_config("fragment", path, &w->fragments);

	if (!ret && config_add(&w->wanted, path, w->fragments.s + before, w->fragments.len - before, &why))
		ret = err_at(buf_text(&why));
	buf_release(&why);
	return ret;
}

int wish_read(struct wish *w, const struct spec *spec)
{
	struct config base = { 0 };
	struct buf why = BUF_INIT;
	int ret = 0;
	size_t i;

	*w = (struct wish){ 0 };
	if (spec->config_is_file) {
		ret = read_config("configuration", spec->config, &w->base);
		if (!ret && config_add(&base, spec->config, w->base.s, w->base.len, &why))
			ret = err_at(buf_text(&why));
	}
	for (i = 0; i < spec->nfragments && !ret; i++)
		ret = read_fragment(w, spec->fragment[i]);
	config_release(&base);
	buf_release(&why);
	return ret;
}

void wish_release(struct wish *w)
{
	buf_release(&w->base);
	buf_release(&w->fragments);
	config_release(&w->wanted);
}

static int write_file(const char *path, const struct buf *text, const char *mode)
{
	FILE *f = fopen(path, mode);
	bool bad;

	if (!f)
		return err("open %s: %m", path);
	bad = fwrite(buf_text(text), 1, text->len, f) != text->len;
	if (fclose(f) || bad)
		return err("write %s: %m", path);
	return 0;
}

static int read_text(const char *path, struct buf *out)
{
	buf_reset(out);
	return buf_read_file(out, path) ? err("read %s: %m", path) : 0;
}

static void name_modules(const struct spec *spec, const struct config *final)
{
	struct buf names = BUF_INIT;
	size_t i, n = 0;

	for (i = 0; i < final->n; i++) {
		if (!final->symbol[i].value || strcmp(final->symbol[i].value, "m"))
			continue;
		if (n++ < MODULES_NAMED)
			buf_fmt(&names, "%sCONFIG_%s", n > 1 ? ", " : "", final->symbol[i].name);
	}
	if (n)
		warn("kernel '%s': %zu symbols are modules (=m), which are not built: %s%s", spec->name, n,
		     buf_text(&names), n > MODULES_NAMED ? ", ..." : "");
	buf_release(&names);
}

static void guess_steps(struct make *m, const struct config *final)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < final->n; i++)
		n += final->symbol[i].value && !strcmp(final->symbol[i].value, "y");
	m->expected = make_steps(m) + n * STEPS_PER_SYMBOL / 10;
}

/* kconfig drops what it does not like, and says nothing. */
static int check_config(const struct wish *w, struct make *m, const struct buf *text)
{
	struct config final = { 0 };
	struct buf why = BUF_INIT;
	int ret = EXIT_ACCEPT;

	if (config_add(&final, m->place->config, buf_text(text), text->len, &why)) {
		ret = EXIT_CANNOT;
		err_at(buf_text(&why));
	} else if (config_check(&w->wanted, &final, &why)) {
		ret = EXIT_USAGE;
		err("kernel '%s': its configuration is not what its fragments say:\n%s", m->call->spec->name,
		    buf_text(&why));
	} else {
		name_modules(m->call->spec, &final);
		if (!m->expected)
			guess_steps(m, &final);
	}
	config_release(&final);
	buf_release(&why);
	return ret;
}

/* As it is where it was the same: a newer one would have make look at everything again. */
static int put_config(const struct make *m, const struct buf *text)
{
	char *path = xasprintf("%s/.config", m->place->obj);
	struct buf have = BUF_INIT;
	int ret = 0;

	if (buf_read_file(&have, path) || strcmp(buf_text(&have), buf_text(text)))
		ret = unlink(path) && errno != ENOENT ? err("remove %s: %m", path) : write_file(path, text, "w");
	free(path);
	buf_release(&have);
	return ret;
}

/* NAME_defconfig is a file of the source. */
static int check_defconfig(const struct make *m)
{
	const struct spec *spec = m->call->spec;
	char *dir = xasprintf("%s/arch/%s/configs", m->place->src, arch_linux(spec->arch));
	char *path = xasprintf("%s/%s", dir, spec->config);
	int ret = 0;

	if (strchr(spec->config, '_') && access(path, R_OK))
		ret = err("%s: config '%s' is not in arch/%s/configs of the source", spec->file,
			  spec->config, arch_linux(spec->arch));
	free(path);
	free(dir);
	return ret;
}

/*
 * Outside the object tree, whose own .config is replaced only by another one. The fragments come after the base, as
 * scripts/kconfig/merge_config.sh has it: of two lines on a symbol the last one holds.
 */
int wish_configure(const struct wish *w, struct make *m)
{
	struct buf text = BUF_INIT;
	int ret;

	make_tell(m, "configuration");
	if (m->call->spec->config_is_file)
		ret = write_file(m->place->config, &w->base, "w") ? EXIT_CANNOT : EXIT_ACCEPT;
	else if (check_defconfig(m))
		ret = EXIT_USAGE;
	else
		ret = make_run(m, true, m->call->spec->config, NULL);
	if (ret == EXIT_ACCEPT && write_file(m->place->config, &w->fragments, "a"))
		ret = EXIT_CANNOT;
	if (ret == EXIT_ACCEPT)
		ret = make_run(m, true, "olddefconfig", NULL);
	if (ret == EXIT_ACCEPT && read_text(m->place->config, &text))
		ret = EXIT_CANNOT;
	if (ret == EXIT_ACCEPT)
		ret = check_config(w, m, &text);
	if (ret == EXIT_ACCEPT && put_config(m, &text))
		ret = EXIT_CANNOT;
	buf_release(&text);
	return ret;
}
