/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/cache.h"

#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

struct cache_hash {
	gcry_md_hd_t md;
};

static void prepare(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return;
	if (!gcry_check_version(GCRYPT_VERSION))
		BUG("libgcrypt is older than the %s this was built with", GCRYPT_VERSION);
	/* nothing here is secret */
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

struct cache_hash *cache_hash_new(void)
{
	struct cache_hash *h = xcalloc(1, sizeof(*h));
	gcry_error_t error;

	prepare();
	error = gcry_md_open(&h->md, GCRY_MD_SHA256, 0);
	if (error)
		BUG("SHA-256: %s", gcry_strerror(error));
	return h;
}

/* What kind of field, and its length: eight bytes, least first, on every machine the same. */
static void add_head(struct cache_hash *h, char kind, uint64_t len)
{
	unsigned char head[9] = { (unsigned char)kind };
	int i;

	for (i = 0; i < 8; i++)
		head[i + 1] = (unsigned char)(len >> (8 * i));
	gcry_md_write(h->md, head, sizeof(head));
}

void cache_hash_add(struct cache_hash *h, const void *data, size_t len)
{
	add_head(h, 'd', len);
	gcry_md_write(h->md, data, len);
}

void cache_hash_text(struct cache_hash *h, const char *s)
{
	if (s)
		cache_hash_add(h, s, strlen(s));
	else
		add_head(h, '-', 0);
}

int cache_hash_file(struct cache_hash *h, const char *path)
{
	struct buf content = BUF_INIT;

	if (buf_read_file(&content, path))
		return err("read %s: %m", path);
	cache_hash_add(h, content.s, content.len);
	buf_release(&content);
	return 0;
}

static void write_hex(const unsigned char digest[32], char hex[65])
{
	int i;

	for (i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void cache_hash_end(struct cache_hash *h, char hex[65])
{
	write_hex(gcry_md_read(h->md, GCRY_MD_SHA256), hex);
	gcry_md_close(h->md);
	free(h);
}

void cache_sha256(const void *data, size_t len, char hex[65])
{
	unsigned char digest[32];

	prepare();
	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, data, len);
	write_hex(digest, hex);
}
