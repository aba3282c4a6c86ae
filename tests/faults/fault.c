/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the driver by tests/system/driver.sh, to see that it notices
 * what a broken kernel would do. FAULT=CALL:KIND:N, on the calling process's
 * N-th call of `block` bytes (FAULT_BLOCK) on any thread:
 *
 *	pread:short	one byte less	pread:flip	a bit of the first byte inverted
 *	pread:eio	-1, EIO		pread:sticky	as flip, on every call from the N-th on
 *	pwrite:short, pwrite:eio	likewise
 *	pwrite:lost	nothing is written, all is well
 *	pwrite:stray	the next block is written as well
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static struct {
	char call[16], kind[16];
	unsigned long long n;
	size_t block;
} fault;
static atomic_ullong calls;
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

__attribute__((constructor)) static void prepare(void)
{
	const char *spec = getenv("FAULT"), *block = getenv("FAULT_BLOCK");

	real_pread = dlsym(RTLD_NEXT, "pread");
	real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	if (!spec || !block || sscanf(spec, "%15[a-z]:%15[a-z]:%llu", fault.call, fault.kind, &fault.n) != 3)
		abort();
	fault.block = strtoul(block, NULL, 10);
}

/* Is this the one? Sticky faults stay from the N-th on. */
static int now(const char *call, size_t len)
{
	unsigned long long n;

	if (strcmp(call, fault.call) || len != fault.block)
		return 0;
	n = atomic_fetch_add(&calls, 1) + 1;
	return n == fault.n || (n > fault.n && !strcmp(fault.kind, "sticky"));
}

ssize_t pread(int fd, void *buf, size_t len, off_t at)
{
	ssize_t n = real_pread(fd, buf, len, at);

	if (!now("pread", len) || n <= 0)
		return n;
	if (!strcmp(fault.kind, "short"))
		return n - 1;
	if (!strcmp(fault.kind, "eio")) {
		errno = EIO;
		return -1;
	}
	*(char *)buf ^= 1;
	return n;
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	ssize_t n;

	if (!now("pwrite", len))
		return real_pwrite(fd, buf, len, at);
	if (!strcmp(fault.kind, "lost"))
		return (ssize_t)len;
	if (!strcmp(fault.kind, "eio")) {
		errno = EIO;
		return -1;
	}
	n = real_pwrite(fd, buf, len, at);
	if (!strcmp(fault.kind, "stray") && real_pwrite(fd, buf, len, at + (off_t)len) < 0)
		return -1;
	return !strcmp(fault.kind, "short") ? n - 1 : n;
}
