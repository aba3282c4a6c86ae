/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buf.h"

/* The end of the word that starts here: a blank that no quotes enclose. */
static const char *word_end(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || !strchr(" \t\n", *s)); s++)
		quoted ^= *s == '"';
	return s;
}

static char plain(char c)
{
	return c == '-' ? '_' : c;
}

/* What follows "NAME." in a word, or NULL where it begins otherwise. */
static const char *after_name(const char *word, const char *name, size_t len)
{
	bool quoted = *word == '"';	/* "brd.rd_nr=1" in quotes as a whole */
	size_t i;

	word += quoted;
	for (i = 0; i < len; i++)
		if (!word[i] || plain(word[i]) != plain(name[i]))
			return NULL;
	return word[len] == '.' ? word + len + 1 : NULL;
}

void modules_parameters(const char *cmdline, const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strcspn(name, ".");
	const char *end, *found;

	for (; *cmdline; cmdline = end + (*end != '\0')) {
		end = word_end(cmdline);
		found = after_name(cmdline, name, len);
		if (!found || found >= end)
			continue;
		if (out->len)
			buf_ch(out, ' ');
		if (*cmdline == '"')
			buf_ch(out, '"');
		buf_add(out, found, (size_t)(end - found));
	}
}

static const char *cause(void)
{
	switch (errno) {
	case ENOSYS:
		return "the kernel lacks CONFIG_MODULES";
	case ENOEXEC:
		return "it was built for another kernel";
	case ENOENT:
		return "another module that it needs is not loaded, or one of its symbols is unknown";
	default:
		return strerror(errno);
	}
}

static int load(const char *path, const char *cmdline, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;
	struct buf parameters = BUF_INIT;

	if (fd < 0) {
		buf_fmt(why, "open module %s: %s", path, strerror(errno));
		return -1;
	}
	modules_parameters(cmdline, path, &parameters);
	if (!syscall(SYS_finit_module, fd, buf_text(&parameters), 0) || errno == EEXIST)
		ret = 0;
	else
		buf_fmt(why, "load module %s: %s", path, cause());
	close(fd);
	buf_release(&parameters);
	return ret;
}

int modules_load(char *const *path, struct buf *why)
{
	struct buf cmdline = BUF_INIT;
	int ret = 0;

	if (!path || !*path)
		return 0;
	if (buf_read_file(&cmdline, "/proc/cmdline")) {
		buf_fmt(why, "read /proc/cmdline: %s", strerror(errno));
		return -1;
	}
	for (; *path && !ret; path++)
		ret = load(*path, buf_text(&cmdline), why);
	buf_release(&cmdline);
	return ret;
}
