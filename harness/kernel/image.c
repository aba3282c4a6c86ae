/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/kernel/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/kernel/cache.h"
#include "harness/kernel/entry.h"
#include "harness/kernel/kernel.h"
#include "harness/kernel/package.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"
#include "lib/exitcode.h"

#define VMLINUZ "vmlinuz-"

static void make_key(const struct package *p, const char *arch, char key[65])
{
	struct cache_hash *h = cache_hash_new();

	cache_hash_text(h, "image 1");
	cache_hash_text(h, arch);
	cache_hash_text(h, p->name);
	cache_hash_text(h, p->version);
	cache_hash_end(h, key);
}

static int is_image(const struct dirent *d)
{
	return !strncmp(d->d_name, VMLINUZ, strlen(VMLINUZ));
}

/* The release of the only kernel in the package's boot/. The caller frees; NULL after reporting. */
static char *find_release(const struct package *p)
{
	char *boot = xasprintf("%s/boot", p->path), *release = NULL;
	struct dirent **list = NULL;
	int i, n = scandir(boot, &list, is_image, alphasort);

	if (n == 1)
		release = xstrdup(list[0]->d_name + strlen(VMLINUZ));
	else if (n > 1)
		err("the package %s %s holds %d kernels, not one", p->name, p->version, n);
	else
		err("the package %s %s holds no kernel (boot/vmlinuz-...)", p->name, p->version);
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
	free(boot);
	return release;
}

/* A file of the package into the entry, as a link: nobody writes to either. */
static int put_file(const struct package *p, const char *release, const char *prefix, const char *to)
{
	char *from = xasprintf("%s/boot/%s%s", p->path, prefix, release);
	int ret = link(from, to) ? err("link %s to %s: %m", from, to) : 0;

	free(from);
	return ret;
}

static const char *depmod(void)
{
	static const char *const where[] = { "/usr/sbin/depmod", "/sbin/depmod" };	/* not in a user's PATH */
	size_t i;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		if (child_exists(where[i]))
			return where[i];
	if (child_exists("depmod"))
		return "depmod";
	err("the modules of a package need an index, which depmod makes: apt-get install kmod");
	return NULL;
}

static int run(const char *const *argv, const volatile sig_atomic_t *stop)
{
	const struct child_call call = { .argv = argv, .stop = stop };

	return child_run(&call, NULL, NULL) == EXIT_ACCEPT ? 0 : -1;
}

/* from: the package's directory of modules; dir: the entry's. */
static int copy_modules(const char *from, const char *dir, const char *release, const volatile sig_atomic_t *stop)
{
	const char *program = depmod();
	char *lib = xasprintf("%s/lib", dir), *all = xasprintf("%s/modules", lib);
	char *to = xasprintf("%s/%s", all, release);
	const char *const copy[] = { "cp", "-al", "-T", "--", from, to, NULL };
	const char *const make_index[] = { program, "-b", dir, release, NULL };
	int ret = -1;

	if (!program)
		;	/* was said */
	else if (mkdir(lib, 0777) || mkdir(all, 0777))
		err("mkdir %s: %m", all);
	else if (!run(copy, stop) && !run(make_index, stop))
		ret = 0;
	free(to);
	free(all);
	free(lib);
	return ret;
}

/* Packages of kernels with no modules at all are fine: everything is built in. */
static int put_modules(const struct package *p, const char *release, const char *dir,
		       const volatile sig_atomic_t *stop)
{
	static const char *const where[] = { "lib/modules", "usr/lib/modules" };
	bool found = false;
	int ret = 0;
	char *from;
	size_t i;

	for (i = 0; i < sizeof(where) / sizeof(where[0]) && !found; i++) {
		from = xasprintf("%s/%s/%s", p->path, where[i], release);
		found = !access(from, X_OK);
		if (found)
			ret = copy_modules(from, dir, release, stop);
		free(from);
	}
	return ret;
}

static int fill(const struct kernel_call *call, const struct package *p, const char *dir)
{
	char *release = find_release(p), *source = xasprintf("%s %s", p->name, p->version);
	char *image = xasprintf("%s/image", dir), *config = xasprintf("%s/config", dir);
	const struct entry e = { .name = call->spec->name, .arch = call->spec->arch, .release = release,
				 .source = source };
	int ret = -1;

	if (release && !put_file(p, release, VMLINUZ, image) && !put_file(p, release, "config-", config) &&
	    !put_modules(p, release, dir, call->stop) && !entry_describe(&e, dir))
		ret = 0;
	free(release);
	free(source);
	free(image);
	free(config);
	return ret;
}

static int keep(const struct kernel_call *call, const struct package *p, const char *key)
{
	struct cache_new n;

	if (cache_make(&n))
		return -1;
	if (!fill(call, p, n.path))
		return cache_keep(&n, CACHE_KERNELS, key);
	cache_drop(&n);
	return -1;
}

int image_get(const struct kernel_call *call, struct kernel *k)
{
	const struct spec *spec = call->spec;
	int found, ret = EXIT_CANNOT;
	struct package p;
	char key[65];

	*k = (struct kernel){ .hold = -1 };
	if (package_get(spec->from, arch_debian(spec->arch), call->stop, &p)) {
		package_release(&p);
		return EXIT_CANNOT;
	}
	make_key(&p, arch_debian(spec->arch), key);
	found = entry_load(key, spec->name, k);
	if (!found && !keep(call, &p, key)) {
		kernel_release(k);
		found = entry_load(key, spec->name, k);
		if (!found)
			err("the kernel of %s %s went out of the cache at once", p.name, p.version);
	}
	if (found > 0)
		ret = EXIT_ACCEPT;
	package_release(&p);
	return ret;
}

int image_key(const struct kernel_call *call, char key[65], bool *cached)
{
	const char *arch = arch_debian(call->spec->arch);
	int hold, ret = EXIT_CANNOT;
	struct package p;

	if (!package_get(call->spec->from, arch, call->stop, &p)) {
		make_key(&p, arch, key);
		hold = cache_hold(CACHE_KERNELS, key);
		*cached = hold >= 0;
		if (*cached)
			close(hold);
		ret = EXIT_ACCEPT;
	}
	package_release(&p);
	return ret;
}
