/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With which accelerator guests run here. That /dev/kvm is there, and even that
 * virtual machines can be made with it, does not mean that a guest boots: only a
 * guest that has booted does.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/guest/guest.h"
#include "harness/guest/qemu.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/kernel.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/topo.h"

#define PROBE_NS 20000000000ull
#define PROBE_MEMORY (512ull << 20)

/* The first of /proc/cpuinfo's lines of that name, as it stands there; "" where there is none. */
static void cpu_line(const char *key, struct buf *out)
{
	struct buf all = BUF_INIT;
	const char *at = buf_read_file(&all, "/proc/cpuinfo") ? NULL : strstr(buf_text(&all), key);

	if (at)
		buf_add(out, at, strcspn(at, "\n"));
	buf_release(&all);
}

/* What the answer depends on, as the name of an entry in the cache. 0, or -1 after reporting. */
static int probe_key(const struct kernel *kernel, char key[65])
{
	static const char *const cpu[] = { "model name", "CPU implementer", "CPU part" };
	struct buf id = BUF_INIT, version = BUF_INIT, model = BUF_INIT;
	struct cache_hash *h;
	struct utsname u;
	size_t i;

	if (qemu_version(kernel->arch, &version)) {
		buf_release(&version);
		return -1;
	}
	if (buf_read_file(&id, "/etc/machine-id"))
		buf_reset(&id);	/* then what follows has to do */
	for (i = 0; i < sizeof(cpu) / sizeof(cpu[0]); i++)
		cpu_line(cpu[i], &model);
	uname(&u);
	h = cache_hash_new();
	cache_hash_text(h, "does a guest boot under KVM, 1");
	cache_hash_text(h, buf_text(&id));
	cache_hash_text(h, buf_text(&model));
	cache_hash_text(h, u.release);
	cache_hash_text(h, u.version);
	cache_hash_text(h, buf_text(&version));
	cache_hash_text(h, kernel->key);
	cache_hash_end(h, key);
	buf_release(&id);
	buf_release(&version);
	buf_release(&model);
	return 0;
}

/* The answer of before: "yes", or "no: " and why. False: there is none. */
static bool recall(const char *key, struct buf *answer)
{
	int hold = cache_hold(CACHE_PROBES, key);
	char *dir, *file;
	bool ret = false;

	if (hold < 0)
		return false;
	dir = cache_path(CACHE_PROBES, key);
	if (dir) {
		file = xasprintf("%s/answer", dir);
		ret = !buf_read_file(answer, file) && answer->len;
		free(file);
	}
	free(dir);
	close(hold);
	return ret;
}

static int put_file(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), ret = 0;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		ret = err("write %s: %m", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return ret;
}

/* A cache that does not take it costs a probe next time, no more. */
static void remember(const char *key, const struct kernel *kernel, const char *answer)
{
	char *label = xasprintf("KVM with kernel %s %s\n", kernel->name, kernel->release);
	struct cache_new n;

	if (!cache_make(&n)) {
		if (put_file(n.path, "answer", answer) || put_file(n.path, "label", label))
			cache_drop(&n);
		else
			cache_keep(&n, CACHE_PROBES, key);
	}
	free(label);
}

/* Boots one. `sure`: the answer will be the same next time. */
static void probe(const struct kernel *kernel, const char *driver, const volatile sig_atomic_t *stop,
		  struct buf *answer, bool *sure)
{
	const struct shape shape = { .arch = kernel->arch, .accel = ACCEL_KVM, .cpus = 2,
				     .memory = PROBE_MEMORY, .numa_node = -1, .overcommit = true };
	const struct guest_call call = { .kernel = kernel, .shape = &shape, .driver = driver,
					 .console = "/dev/null", .stop = stop,
					 .limit_ns = PROBE_NS, .quiet = true };
	const struct incident *i;
	struct guest *g;
	int ret = guest_start(&g, &call);

	i = guest_incident(g);
	if (!ret)
		buf_str(answer, "yes");
	else if (i->kind == INCIDENT_NONE)
		buf_str(answer, "no: it could not be tried");
	else
		buf_fmt(answer, "no: %s", i->what ? i->what : incident_name(i->kind));
	/* a guest that was only too slow may have met a busy machine */
	*sure = !ret || (i->kind != INCIDENT_NONE && i->kind != INCIDENT_SILENT);
	guest_stop(g);
}

/* The reasons that need no guest, and are not worth remembering: they can be mended. */
static int obstacle(const struct kernel *kernel, struct buf *why)
{
	if (kernel->arch != arch_host())
		buf_fmt(why, "the guest is %s and this machine %s", arch_name(kernel->arch),
			arch_name(arch_host()));
	else if (access("/dev/kvm", F_OK))
		buf_str(why, "there is no /dev/kvm (is virtualization switched on in the firmware, "
			     "and the kvm module loaded?)");
	else if (access("/dev/kvm", R_OK | W_OK))
		buf_str(why, "no permission for /dev/kvm (`adduser $USER kvm`, then log in again)");
	else
		return 0;
	return -1;
}

bool accel_kvm_works(const struct kernel *kernel, const char *driver,
		     const volatile sig_atomic_t *stop, struct buf *why)
{
	struct buf answer = BUF_INIT;
	bool yes, remembered, sure = true;
	char key[65];

	if (obstacle(kernel, why))
		return false;
	if (probe_key(kernel, key)) {
		buf_fmt(why, "%s cannot be asked", qemu_program(kernel->arch));
		return false;
	}
	remembered = recall(key, &answer);
	if (!remembered) {
		info("trying whether a guest boots under KVM here");
		probe(kernel, driver, stop, &answer, &sure);
		if (sure && !(stop && *stop))
			remember(key, kernel, buf_text(&answer));
	}
	yes = !strncmp(buf_text(&answer), "yes", 3);
	if (!yes)
		buf_fmt(why, "no guest boots under KVM here: %s",
			buf_text(&answer) + (strncmp(buf_text(&answer), "no: ", 4) ? 0 : 4));
	else
		buf_str(why, "a guest boots under KVM here");
	buf_str(why, remembered ? " (remembered)" : " (tried now)");
	buf_release(&answer);
	return yes;
}

static int check_overcommit(const struct shape *shape)
{
	struct buf why = BUF_INIT;
	struct topo t;
	size_t cpus;
	int ret = -1;

	if (shape->overcommit)
		return 0;
	if (topo_load(&t, NULL, &why)) {
		err("%s", buf_text(&why));
	} else {
		cpus = topo_allowed(&t);
		if (shape->cpus <= cpus)
			ret = 0;
		else
			err("a guest of %u vCPUs under KVM on %zu CPUs: times would show how they take turns; "
			    "ask for %zu at most, or allow it with `overcommit: yes`",
			    shape->cpus, cpus, cpus);
	}
	topo_release(&t);
	buf_release(&why);
	return ret;
}

/* Once a process: that what follows is emulated must not be overlooked, nor repeated. */
static void say_emulated(const char *why)
{
	static bool said;

	if (!said)
		warn("guests are emulated (TCG), their times are no performance: %s", why);
	said = true;
}

int accel_choose(struct shape *shape, const struct kernel *kernel, const char *driver,
		 const volatile sig_atomic_t *stop)
{
	struct buf why = BUF_INIT;
	int ret = 0;

	if (shape->accel == ACCEL_TCG || shape->accel == ACCEL_TCG_MULTI)
		return 0;
	if (accel_kvm_works(kernel, driver, stop, &why)) {
		shape->accel = ACCEL_KVM;
		ret = check_overcommit(shape);
	} else if (stop && *stop) {
		ret = -1;
	} else if (shape->accel == ACCEL_KVM) {
		ret = err("KVM was asked for: %s", buf_text(&why));
	} else {
		say_emulated(buf_text(&why));
		shape->accel = ACCEL_TCG;
	}
	buf_release(&why);
	return ret;
}
