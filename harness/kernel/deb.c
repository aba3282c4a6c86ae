/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/deb.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/units.h"

/* Stanzas */

/* The stanza that starts at text or after blank lines; its length, 0 at the end of all. */
static size_t stanza_at(const char **text)
{
	const char *end;

	*text += strspn(*text, "\n");
	end = strstr(*text, "\n\n");
	return end ? (size_t)(end - *text) : strlen(*text);
}

/* A field's value on its one line, without blanks around it. The caller frees; NULL: no such field. */
static char *field(const char *stanza, size_t len, const char *name)
{
	const char *at = stanza, *end, *stop = stanza + len;
	size_t n = strlen(name);

	for (; at < stop; at = end + 1) {
		end = memchr(at, '\n', (size_t)(stop - at));
		if (!end)
			end = stop;
		if ((size_t)(end - at) <= n || strncasecmp(at, name, n) || at[n] != ':')
			continue;
		for (at += n + 1; at < end && isblank((unsigned char)*at); at++)
			;
		while (end > at && isspace((unsigned char)end[-1]))
			end--;
		return xstrndup(at, (size_t)(end - at));
	}
	return NULL;
}

/* NULL-safe, and frees the field. */
static bool field_is(char *value, const char *wanted)
{
	bool yes = value && !strcmp(value, wanted);

	free(value);
	return yes;
}

static int parse(const char *s, size_t len, struct deb *d)
{
	char *size = field(s, len, "Size"), *file = field(s, len, "Filename");

	*d = (struct deb){
		.name = field(s, len, "Package"), .version = field(s, len, "Version"),
		.arch = field(s, len, "Architecture"), .depends = field(s, len, "Depends"),
		.fetchable = file != NULL,
	};
	if (!size || units_count(size, &d->size))
		d->size = 0;
	if (!d->depends)
		d->depends = xstrdup("");
	free(size);
	free(file);
	return deb_is_name(d->name ? d->name : "") && deb_is_version(d->version ? d->version : "") &&
	       deb_is_name(d->arch ? d->arch : "") ? 0 : -1;
}

int deb_find(const char *text, const char *name, struct deb *d)
{
	struct deb one;
	size_t len;

	*d = (struct deb){ 0 };
	for (; (len = stanza_at(&text)); text += len) {
		if (!field_is(field(text, len, "Package"), name))
			continue;
		if (parse(text, len, &one) || (d->name && !one.fetchable)) {
			deb_release(&one);
			continue;
		}
		deb_release(d);
		*d = one;
		if (d->fetchable)
			return 0;
	}
	return d->name ? 0 : -1;
}

void deb_release(struct deb *d)
{
	free(d->name);
	free(d->version);
	free(d->arch);
	free(d->depends);
	*d = (struct deb){ 0 };
}

char *deb_versions(const char *text, const char *name, unsigned n)
{
	struct buf out = BUF_INIT;
	char *version;
	size_t len;

	for (; (len = stanza_at(&text)); text += len) {
		if (!field_is(field(text, len, "Package"), name))
			continue;
		version = n ? field(text, len, "Version") : xstrdup("...");
		if (version)
			buf_fmt(&out, "%s%s", out.len ? ", " : "", version);
		free(version);
		if (!n--)
			break;
	}
	return out.len ? buf_detach(&out) : NULL;
}

/* Meta packages */

/* What a package must begin with to be what a meta package of that name stands for; NULL: it is no kernel's. */
static const char *family(const char *name)
{
	if (!strncmp(name, "linux-image-", 12))
		return "linux-image-";
	if (!strcmp(name, "linux-source"))
		return "linux-source-";
	return NULL;
}

/* "(= 6.12.117-1~deb12u1)" after a package's name; NULL where any version will do. */
static char *wanted_version(const char *after)
{
	size_t len;

	after += strspn(after, " ");
	if (strncmp(after, "(=", 2))
		return NULL;
	after += 2 + strspn(after + 2, " ");
	len = strcspn(after, " )");
	return xstrndup(after, len);
}

bool deb_follow(const struct deb *d, char **name, char **version)
{
	const char *begin = family(d->name), *at = d->depends;
	size_t len;

	*name = *version = NULL;
	for (; begin && *at; at += strcspn(at, ",|"), at += strspn(at, ",| ")) {
		len = strcspn(at, " (,|:");
		if (strncmp(at, begin, strlen(begin)))
			continue;
		*name = xstrndup(at, len);
		*version = wanted_version(at + len);
		if (deb_is_name(*name) && strcmp(*name, d->name) &&
		    (!*version || deb_is_version(*version)))
			return true;
		free(*name);
		free(*version);
		*name = *version = NULL;
	}
	return false;
}

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), n = strlen(with);

	return len >= n && !strcmp(s + len - n, with);
}

char *deb_unsigned(const char *name)
{
	if (strncmp(name, "linux-image-", 12) || ends(name, "-unsigned") || ends(name, "-dbg"))
		return NULL;
	return xasprintf("%s-unsigned", name);
}

/* Versions */

/* '~' before the end, the end before letters, letters before the rest. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (!c || isdigit((unsigned char)c))
		return 0;
	return isalpha((unsigned char)c) ? (unsigned char)c : (unsigned char)c + 256;
}

static int compare_numbers(const char **a, const char **b)
{
	size_t na, nb;
	int order;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	na = strspn(*a, "0123456789");
	nb = strspn(*b, "0123456789");
	order = na != nb ? (na < nb ? -1 : 1) : strncmp(*a, *b, na);
	*a += na;
	*b += nb;
	return order;
}

/* Text and numbers in turn. */
static int compare_part(const char *a, const char *b)
{
	int order;

	while (*a || *b) {
		while ((*a && !isdigit((unsigned char)*a)) || (*b && !isdigit((unsigned char)*b))) {
			order = weight(*a) - weight(*b);
			if (order)
				return order;
			a += *a != 0;
			b += *b != 0;
		}
		order = compare_numbers(&a, &b);
		if (order)
			return order;
	}
	return 0;
}

/* EPOCH:UPSTREAM-REVISION; the caller frees upstream, revision points into it. */
static unsigned long split(const char *version, char **upstream, const char **revision)
{
	const char *colon = strchr(version, ':');
	char *dash;

	*upstream = xstrdup(colon ? colon + 1 : version);
	dash = strrchr(*upstream, '-');
	*revision = dash ? dash + 1 : "";
	if (dash)
		*dash = '\0';
	return colon ? strtoul(version, NULL, 10) : 0;
}

int deb_compare(const char *a, const char *b)
{
	const char *revision_a, *revision_b;
	char *upstream_a, *upstream_b;
	unsigned long epoch_a = split(a, &upstream_a, &revision_a);
	unsigned long epoch_b = split(b, &upstream_b, &revision_b);
	int order = epoch_a < epoch_b ? -1 : epoch_a > epoch_b;

	if (!order)
		order = compare_part(upstream_a, upstream_b);
	if (!order)
		order = compare_part(revision_a, revision_b);
	free(upstream_a);
	free(upstream_b);
	return order;
}

/* Names */

static bool only(const char *s, const char *others)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(others, *s))
			return false;
	return true;
}

bool deb_is_name(const char *s)
{
	return strlen(s) < 128 && only(s, "+-.");
}

bool deb_is_version(const char *s)
{
	return strlen(s) < 128 && only(s, "+-.~:");
}
