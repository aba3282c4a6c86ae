/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/machine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/guest/guest.h"
#include "lib/alloc.h"
#include "lib/child.h"
#include "lib/err.h"

/* A path from the directory of this program. The caller frees; NULL after reporting. */
static char *beside(const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0) {
		err("read /proc/self/exe: %m");
		return NULL;
	}
	self[n] = '\0';
	return xasprintf("%.*s/%s", (int)(strrchr(self, '/') - self), self, name);
}

char *machine_driver(void)
{
	char *path = beside("foliobench");

	if (!path || !access(path, X_OK))
		return path;
	err("%s: %m: build it with `make`, or name another with --driver", path);
	free(path);
	return NULL;
}

char *machine_plugin_path(void)
{
	return beside("libfoliotrace.so");
}

char *machine_plugin(void)
{
	char *path = machine_plugin_path();

	if (!path || !access(path, R_OK))
		return path;
	err("%s: %m: build it with `make`", path);
	free(path);
	return NULL;
}

char *machine_driver_for(enum arch arch)
{
	char *name, *path;

	if (arch == arch_host())
		return machine_driver();
	name = xasprintf("%s/foliobench", arch_name(arch));
	path = beside(name);
	free(name);
	if (!path || !access(path, X_OK))
		return path;
	err("%s: %m: a guest for %s needs a driver for it%s", path, arch_name(arch),
	    arch == ARCH_ARM64 ? "; `./run.sh arm64` makes one" : "");
	free(path);
	return NULL;
}

static int run_here(const char *driver, const struct machine_call *call,
		    int (*line)(const char *text, size_t len, void *data), void *data)
{
	struct child_call child = {
		.log = call->log, .talk = call->talk, .limit_ns = call->limit_ns, .stop = call->stop,
	};
	const char **argv;
	size_t n = 0;
	int ret;

	while (call->argv[n])
		n++;
	argv = xcalloc(n + 2, sizeof(argv[0]));
	argv[0] = driver;
	memcpy(argv + 1, call->argv, n * sizeof(argv[0]));
	child.argv = argv;
	ret = child_run(&child, line, data);
	free(argv);
	return ret;
}

int machine_run(const struct machine *m, const struct machine_call *call,
		int (*line)(const char *text, size_t len, void *data), void *data)
{
	return m->guest ? guest_run(m->guest, call, line, data) :
			  run_here(m->driver, call, line, data);
}
