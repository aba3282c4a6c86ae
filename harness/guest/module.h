/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which module files a kernel needs so that some modules work, in the order to be
 * loaded, from depmod's indices: modules.dep, modules.softdep, modules.alias,
 * modules.builtin. Knows nothing of archives.
 */
#ifndef HARNESS_GUEST_MODULE_H
#define HARNESS_GUEST_MODULE_H

#include <stddef.h>

struct kernel;

struct module_file {
	char *name;	/* with '_': "virtio_blk" */
	char *path;	/* on this machine; perhaps compressed: .ko.xz */
};

struct module_list {
	struct module_file *file;	/* what others depend on comes first */
	size_t n;
};

/*
 * The files for `wanted` (names; '-' and '_' are the same; NULL at the end, or
 * NULL). What the kernel has built in needs none. 0, or -1 after reporting a module
 * that it has neither way, with the symbol of its configuration. The caller
 * releases in both cases.
 */
int module_list_make(struct module_list *list, const struct kernel *kernel, const char *const *wanted);
void module_list_release(struct module_list *list);

#endif
