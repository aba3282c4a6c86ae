/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/make.h"

#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel/kernel.h"
#include "harness/kernel/place.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define WORDS 32	/* of its command line */

const char *make_cross(enum arch arch)
{
	static const char *const prefix[ARCHS] = {
		[ARCH_X86_64] = "x86_64-linux-gnu-",
		[ARCH_ARM64] = "aarch64-linux-gnu-",
	};

	return arch == arch_host() ? "" : prefix[arch];
}

const char *make_image(enum arch arch)
{
	static const char *const image[ARCHS] = {
		[ARCH_X86_64] = "arch/x86/boot/bzImage",
		[ARCH_ARM64] = "arch/arm64/boot/Image",
	};

	return image[arch];
}

int make_check(enum arch arch)
{
	static const char *const need[] = { "make", "flex", "bison", "bc", "perl" };
	static const char *const compiler[ARCHS] = {
		[ARCH_X86_64] = "gcc-x86-64-linux-gnu", [ARCH_ARM64] = "gcc-aarch64-linux-gnu",
	};
	struct buf packages = BUF_INIT;
	bool foreign = arch != arch_host();
	char *gcc = xasprintf("%sgcc", make_cross(arch));
	int ret = 0;
	size_t i;

	if (!child_exists("gcc"))
		buf_str(&packages, " gcc");	/* for programs that run while the kernel is built */
	if (foreign && !child_exists(gcc))
		buf_fmt(&packages, " %s", compiler[arch]);
	for (i = 0; i < sizeof(need) / sizeof(need[0]); i++)
		if (!child_exists(need[i]))
			buf_fmt(&packages, " %s", need[i]);
	if (packages.len)
		ret = err("a kernel cannot be built here, programs are missing: apt-get install%s",
			  buf_text(&packages));
	free(gcc);
	buf_release(&packages);
	return ret;
}

static int first_line(const char *text, size_t len, void *data)
{
	struct buf *out = data;

	if (!out->len)
		buf_add(out, text, len);
	return 0;
}

static int add_version(enum arch arch, const char *program, struct buf *out)
{
	char *name = xasprintf("%s%s", make_cross(arch), program);
	const char *const argv[] = { name, "--version", NULL };
	const char *const env[] = { "LC_ALL=C", NULL };
	const struct child_call call = { .argv = argv, .env = env };
	struct buf line = BUF_INIT;
	int ret = child_run(&call, first_line, &line) == EXIT_ACCEPT ? 0 : -1;

	buf_fmt(out, "%s%s", out->len ? ", " : "", buf_text(&line));
	buf_release(&line);
	free(name);
	return ret;
}

int make_toolchain(enum arch arch, struct buf *out)
{
	return add_version(arch, "gcc", out) || add_version(arch, "ld", out) ? -1 : 0;
}

int make_open(struct make *m)
{
	m->before = 0;
	m->log = fopen(m->log_path, "we");
	if (!m->log)
		return err("open %s: %m", m->log_path);
	if (!m->call->log)
		return 0;
	m->copy = fopen(m->call->log, "ae");
	return m->copy ? 0 : err("open %s: %m", m->call->log);
}

static void close_log(FILE *f, const char *path)
{
	bool bad;

	if (!f)
		return;
	bad = ferror(f);
	if (fclose(f) || bad)
		warn("write %s: it is not whole", path);
}

void make_close(struct make *m)
{
	close_log(m->log, m->log_path);
	close_log(m->copy, m->call->log);
	m->log = m->copy = NULL;
}

bool make_stopped(const struct make *m)
{
	return m->call->stop && *m->call->stop;
}

unsigned make_steps(const struct make *m)
{
	return m->before + m->said.steps;
}

void make_tell(const struct make *m, const char *what)
{
	struct buf text = BUF_INIT;

	if (!m->call->progress)
		return;
	buf_fmt(&text, "%s%s", m->phase, what);
	m->call->progress(m->call->data, make_steps(m), m->expected, buf_text(&text));
	buf_release(&text);
}

static int take_line(const char *text, size_t len, void *data)
{
	struct make *m = data;

	fwrite(text, 1, len, m->log);
	fputc('\n', m->log);
	if (m->copy) {
		fwrite(text, 1, len, m->copy);
		fputc('\n', m->copy);
	}
	if (makelog_line(&m->said, text, len))
		make_tell(m, m->said.step);
	return 0;
}

static unsigned usable_cpus(void)
{
	cpu_set_t set;

	/* more CPUs than the set holds: as many as it would hold are enough */
	return sched_getaffinity(0, sizeof(set), &set) ? CPU_SETSIZE : (unsigned)CPU_COUNT(&set);
}

/* A command line; its words are ours. */
struct words {
	const char *word[WORDS + 1];
	size_t n;
};

static void add_word(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add_word(struct words *w, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (w->n == WORDS)
		BUG("more than %d words for make", WORDS);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	w->word[w->n++] = buf_detach(&b);
}

static void release_words(struct words *w)
{
	while (w->n)
		free((char *)w->word[--w->n]);
}

/*
 * An environment of our own, for much in one steers kbuild (KCFLAGS, LOCALVERSION, MAKEFLAGS, W, ...). What a kernel
 * tells of its build is the same each time, and so is the kernel. Temporary files of a compiler that is killed go with the
 * place.
 */
static void add_environment(struct words *w, const struct make *m, bool configure)
{
	const char *path = getenv("PATH"), *home = getenv("HOME");

	add_word(w, "env");
	add_word(w, "-i");
	add_word(w, "PATH=%s", path ? path : "/usr/bin:/bin");
	add_word(w, "HOME=%s", home ? home : "/");
	add_word(w, "LC_ALL=C");
	add_word(w, "TMPDIR=%s", m->place->tmp);
	add_word(w, "KBUILD_BUILD_TIMESTAMP=Sat Jan  1 00:00:00 UTC 2000");
	add_word(w, "KBUILD_BUILD_USER=foliobench");
	add_word(w, "KBUILD_BUILD_HOST=foliobench");
	add_word(w, "KBUILD_BUILD_VERSION=1");
	if (configure)
		add_word(w, "KCONFIG_CONFIG=%s", m->place->config);
}

static void add_make(struct words *w, const struct make *m)
{
	enum arch arch = m->call->spec->arch;

	/* stderr among stdout, in the order in which it came */
	add_word(w, "sh");
	add_word(w, "-c");
	add_word(w, "exec \"$@\" 2>&1");
	add_word(w, "sh");
	add_word(w, "make");
	add_word(w, "-C");
	add_word(w, "%s", m->place->src);
	add_word(w, "O=%s", m->place->obj);
	add_word(w, "-j%u", usable_cpus());
	add_word(w, "-Otarget");
	add_word(w, "ARCH=%s", arch_linux(arch));
	add_word(w, "CROSS_COMPILE=%s", make_cross(arch));
	add_word(w, "LOCALVERSION=");
}

static int report_failure(struct make *m, const struct buf *talk)
{
	struct buf lines = BUF_INIT;

	makelog_complaints(&m->said, &lines);
	buf_str(&lines, buf_text(talk));
	err("kernel '%s' does not build:\n%sthe whole log: %s", m->call->spec->name, buf_text(&lines),
	    m->log_path);
	buf_release(&lines);
	return EXIT_CANNOT;
}

int make_run(struct make *m, bool configure, const char *first, const char *second)
{
	struct words w = { .n = 0 };
	struct buf talk = BUF_INIT;
	struct child_call call = { .name = "make", .talk = &talk, .stop = m->call->stop, .family = true };
	char *strip = xasprintf("%s/", m->place->src);
	int ret;

	add_environment(&w, m, configure);
	add_make(&w, m);
	add_word(&w, "%s", first);
	if (second)
		add_word(&w, "%s", second);
	call.argv = w.word;
	makelog_init(&m->said, strip);
	ret = child_run(&call, take_line, m);
	fflush(m->log);
	if (ret != EXIT_ACCEPT && !make_stopped(m)) {
		/* "ended with exit code 2 and without a word": its words went elsewhere */
		if (m->said.lines || m->said.nlast)
			buf_reset(&talk);
		ret = report_failure(m, &talk);
	}
	m->before += m->said.steps;
	m->said.steps = 0;
	makelog_release(&m->said);
	release_words(&w);
	free(strip);
	buf_release(&talk);
	return ret == EXIT_ACCEPT ? EXIT_ACCEPT : EXIT_CANNOT;
}
