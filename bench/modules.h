/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel modules, loaded without modprobe.
 */
#ifndef BENCH_MODULES_H
#define BENCH_MODULES_H

struct buf;

/*
 * Loads them in this order; NULL at the end; or NULL. One that is there already is
 * fine. Each gets the parameters that /proc/cmdline has for it. 0, or -1 and why.
 */
int modules_load(char *const *path, struct buf *why);

/*
 * What a kernel command line says for the module in the file `path`: for
 * "/lib/foo-bar.ko" the words "foo_bar.X=Y", '-' and '_' being the same, appended as
 * "X=Y X=Y". Quoted words keep their quotes, as the kernel wants them. Pure.
 */
void modules_parameters(const char *cmdline, const char *path, struct buf *out);

#endif
