/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about the kernel that runs, the state that it is in, and this program.
 */
#include <dirent.h>
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench/environment_fact.h"
#include "lib/alloc.h"
#include "lib/units.h"

/* uname()'s field where the system runs us; else what /proc/sys/kernel/ says of a recorded one. */
json_t *fact_uname(const struct source *s, const char *what)
{
	const struct {
		const char *path;
		size_t offset;
	} fields[] = {
		{ "proc/sys/kernel/ostype", offsetof(struct utsname, sysname) },
		{ "proc/sys/kernel/osrelease", offsetof(struct utsname, release) },
		{ "proc/sys/kernel/version", offsetof(struct utsname, version) },
		{ "proc/sys/kernel/arch", offsetof(struct utsname, machine) },
	};
	struct utsname u;
	const char *text;
	size_t i;

	if (!s->live || uname(&u))
		return fact_text(s, what);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].path, what)) {
			text = (const char *)&u + fields[i].offset;
			return fact_clean(text, strlen(text));
		}
	return NULL;
}

/* How the kernel was built, as its version says: PREEMPT, PREEMPT_DYNAMIC, PREEMPT_RT. No word: none was written. */
json_t *fact_preempt_build(const struct source *s, const char *what)
{
	json_t *version = fact_uname(s, what), *fact = NULL;
	const char *word;

	word = version ? strstr(json_string_value(version), "PREEMPT") : NULL;
	if (word)
		fact = fact_clean(word, strcspn(word, " \t"));
	json_decref(version);
	return fact;
}

static json_t *hex(const unsigned char *bytes, size_t n)
{
	struct buf b = BUF_INIT;
	json_t *fact;
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(&b, "%02x", bytes[i]);
	fact = json_text(buf_text(&b));
	buf_release(&b);
	return fact;
}

/* ELF notes end to end: a header, a name and a descriptor, the latter two padded to four bytes. */
static json_t *find_build_id(const char *notes, size_t len)
{
	size_t at = 0, name, desc, next;
	Elf64_Nhdr h;

	while (at < len && len - at >= sizeof(h)) {
		memcpy(&h, notes + at, sizeof(h));
		name = at + sizeof(h);
		desc = name + ((size_t)h.n_namesz + 3) / 4 * 4;
		next = desc + ((size_t)h.n_descsz + 3) / 4 * 4;
		if (next > len)
			return NULL;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    !memcmp(notes + name, "GNU", 4) && h.n_descsz)
			return hex((const unsigned char *)notes + desc, h.n_descsz);
		at = next;
	}
	return NULL;
}

json_t *fact_build_id(const struct source *s, const char *what)
{
	struct buf notes = BUF_INIT;
	json_t *fact = NULL;

	if (!source_file(s, what, &notes))
		fact = find_build_id(buf_text(&notes), notes.len);
	buf_release(&notes);
	return fact;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

json_t *fact_directory(const struct source *s, const char *what)
{
	char *dir = xasprintf("%s/%s", s->root, what), *path;
	json_t *object = json_object(), *text;
	struct dirent **entries;
	int n = scandir(dir, &entries, is_visible, alphasort), i;

	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", what, entries[i]->d_name);
		text = fact_text(s, path);
		if (text)
			json_put(object, entries[i]->d_name, text);
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(dir);
	if (json_object_size(object))
		return object;
	json_decref(object);
	return NULL;
}

json_t *fact_meminfo(const struct source *s, const char *what)
{
	struct buf text = BUF_INIT;
	json_t *fact = NULL;
	const char *at;
	char *number;
	uint64_t kib;

	if (source_file(s, "proc/meminfo", &text))
		return NULL;
	at = strstr(buf_text(&text), what);
	if (at && (at == text.s || at[-1] == '\n') && at[strlen(what)] == ':') {
		at += strlen(what) + 1;
		at += strspn(at, " ");
		number = xstrndup(at, strspn(at, "0123456789"));
		at += strlen(number);
		if (!strncmp(at, " kB", 3) && !units_count(number, &kib) && kib <= INT64_MAX / 1024)
			fact = json_u64(kib * 1024);
		free(number);
	}
	buf_release(&text);
	return fact;
}

/* "0.36 0.11 0.03 1/91 8450": three averages, tasks that run now of all there are, the last pid. */
static int parse_load(const struct source *s, double average[3], uint64_t *running)
{
	json_t *text = fact_text(s, "proc/loadavg");
	char *copy = text ? xstrdup(json_string_value(text)) : NULL, *at = copy, *word, *end;
	int i, ret = -1;

	json_decref(text);
	for (i = 0; i < 3 && (word = strsep(&at, " ")); i++) {
		if (!*word || word[strspn(word, "0123456789.")])	/* strtod() takes "nan" and "0x1p3" as well */
			goto out;
		average[i] = strtod(word, &end);
		if (*end)
			goto out;
	}
	word = strsep(&at, "/");
	if (at && !units_count(word, running) && *running <= INT64_MAX)
		ret = 0;
out:
	free(copy);
	return ret;
}

json_t *fact_load_average(const struct source *s, const char *what)
{
	json_t *array = NULL;
	double average[3];
	uint64_t running;
	int i;

	(void)what;
	if (parse_load(s, average, &running))
		return NULL;
	array = json_array();
	for (i = 0; i < 3; i++)
		json_array_append_new(array, json_real(average[i]));
	return array;
}

json_t *fact_load_running(const struct source *s, const char *what)
{
	double average[3];
	uint64_t running;

	(void)what;
	return parse_load(s, average, &running) ? NULL : json_u64(running);
}

json_t *fact_uptime(const struct source *s, const char *what)
{
	json_t *text = fact_text(s, what), *fact = NULL;
	char *whole;
	uint64_t n;

	if (!text)
		return NULL;
	whole = xstrndup(json_string_value(text), strcspn(json_string_value(text), "."));
	if (!units_count(whole, &n) && n <= INT64_MAX)
		fact = json_u64(n);
	free(whole);
	json_decref(text);
	return fact;
}

json_t *fact_page_size(const struct source *s, const char *what)
{
	long size = sysconf(_SC_PAGESIZE);

	(void)what;
	return s->live && size > 0 ? json_u64((uint64_t)size) : NULL;
}

json_t *fact_date(const struct source *s, const char *what)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	(void)what;
	if (!s->live || !gmtime_r(&now, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return NULL;
	return json_text(text);
}

json_t *fact_compiler(const struct source *s, const char *what)
{
	(void)s;
	(void)what;
#ifdef __clang__
	return json_text(__VERSION__);	/* names itself */
#else
	return json_text("gcc " __VERSION__);
#endif
}

json_t *fact_libc(const struct source *s, const char *what)
{
	char text[64];
	size_t n = confstr(_CS_GNU_LIBC_VERSION, text, sizeof(text));

	(void)s;
	(void)what;
	return n && n <= sizeof(text) ? fact_clean(text, strlen(text)) : NULL;
}

/* In its first second a kernel calls the same counter by another name, while it measures its rate once more. */
json_t *fact_clock_source(const struct source *s, const char *what)
{
	json_t *text = fact_text(s, what);

	if (!text || strcmp(json_string_value(text), "tsc-early"))
		return text;
	json_decref(text);
	return json_text("tsc");
}

/* Without the rate of the host's counter, which a harness measures anew for every emulated guest. */
json_t *fact_command_line(const struct source *s, const char *what)
{
	static const char word[] = "tsc_early_khz=";
	json_t *text = fact_text(s, what), *rest;
	const char *all = json_string_value(text), *at = text ? strstr(all, word) : NULL;
	struct buf out = BUF_INIT;

	if (!at || (at > all && at[-1] != ' '))
		return text;
	buf_add(&out, all, (size_t)(at - all));
	at += strcspn(at, " ");
	buf_str(&out, at + (*at == ' '));
	rest = json_text(buf_text(&out));
	json_decref(text);
	buf_release(&out);
	return rest;
}
