/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts that are one file with one value. Files of /proc and /sys are what the
 * kernel makes of them: empty, binary or endless ones give no fact.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/environment_fact.h"
#include "lib/alloc.h"
#include "lib/param.h"
#include "lib/units.h"

#define FILE_MAX (16u << 20)	/* cpuinfo of 8192 CPUs has about 12 MiB */
#define VALUE_MAX 65536u	/* sysfs values have at most a page, the command line a few */

static int read_all(int fd, struct buf *out)
{
	char chunk[8192];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -1;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if (out->len + (size_t)n > FILE_MAX)
			return -1;
		buf_add(out, chunk, (size_t)n);
	}
	return n < 0 ? -1 : 0;
}

int source_file(const struct source *s, const char *path, struct buf *out)
{
	char *full = xasprintf("%s/%s", s->root, path);
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a FIFO in a recorded tree must not hang us */
	int ret = -1;

	free(full);
	buf_reset(out);
	if (fd < 0)
		return -1;
	ret = read_all(fd, out);
	close(fd);
	if (ret)
		buf_reset(out);
	return ret;
}

json_t *fact_clean(const char *text, size_t len)
{
	json_t *fact;
	char *copy;
	size_t i;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	while (len && isspace((unsigned char)*text))
		text++, len--;
	if (!len || len > VALUE_MAX)
		return NULL;
	for (i = 0; i < len; i++)
		if (iscntrl((unsigned char)text[i]) && text[i] != '\t')
			return NULL;
	copy = xstrndup(text, len);
	fact = json_text(copy);
	free(copy);
	return fact;
}

json_t *fact_text(const struct source *s, const char *what)
{
	struct buf b = BUF_INIT;
	json_t *fact = NULL;

	if (!source_file(s, what, &b))
		fact = fact_clean(buf_text(&b), b.len);
	buf_release(&b);
	return fact;
}

json_t *fact_number(const struct source *s, const char *what)
{
	json_t *text = fact_text(s, what), *fact = NULL;
	uint64_t n;

	if (text && !units_count(json_string_value(text), &n) && n <= INT64_MAX)
		fact = json_u64(n);
	json_decref(text);
	return fact;
}

json_t *fact_flag(const struct source *s, const char *what)
{
	json_t *n = fact_number(s, what), *fact = NULL;

	if (n && json_integer_value(n) <= 1)
		fact = json_boolean(json_integer_value(n));
	json_decref(n);
	return fact;
}

json_t *fact_chosen(const struct source *s, const char *what)
{
	json_t *text = fact_text(s, what), *fact = NULL;
	const char *open, *close = NULL;

	if (!text)
		return NULL;
	open = strpbrk(json_string_value(text), "[(");
	if (open)
		close = strchr(open, *open == '[' ? ']' : ')');
	if (close)
		fact = fact_clean(open + 1, (size_t)(close - open - 1));
	json_decref(text);
	return fact;
}

json_t *fact_list(const struct source *s, const char *what)
{
	json_t *text = fact_text(s, what);

	if (text && cpulist_parse(json_string_value(text), NULL, 0) > 0)
		return text;
	json_decref(text);
	return NULL;
}

json_t *fact_list_count(const struct source *s, const char *what)
{
	json_t *list = fact_list(s, what), *fact = NULL;

	if (list)
		fact = json_u64((uint64_t)cpulist_parse(json_string_value(list), NULL, 0));
	json_decref(list);
	return fact;
}
