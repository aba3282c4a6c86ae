/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's processors as placement needs them: hwloc's tree flattened to
 * one row a PU (a hardware thread). This module alone includes hwloc; it must
 * not know what is placed.
 */
#ifndef LIB_TOPO_H
#define LIB_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct hwloc_topology;

struct topo_pu {
	unsigned os;		/* the kernel's CPU number */
	unsigned core;		/* numbers from 0, machine-wide, in hwloc's order */
	unsigned l3;		/* last-level cache shared below the package; the package's where there is none */
	unsigned numa;		/* OS number of the NUMA node */
	unsigned package;
	unsigned smt;		/* 0: first PU of its core that is online, 1: second, ... */
	bool allowed;		/* online, and in the process's cpuset and affinity */
};

struct topo {
	struct topo_pu *pu;	/* in hwloc's logical order: neighbours share most */
	size_t n;
	struct hwloc_topology *hwloc;	/* for topo_pin(); NULL where the machine is only described */
};

/*
 * The machine that runs us (source NULL), or one described: an hwloc synthetic
 * string ("package:2 [numa] l3:1 core:8 pu:2") or the path of an hwloc XML file, where
 * every PU that the description allows counts as allowed. A path holds a '/' or
 * ends in ".xml". The affinity is the calling thread's. 0, or -1 and why; the
 * caller releases, also after a failure.
 */
int topo_load(struct topo *t, const char *source, struct buf *why);
void topo_release(struct topo *t);

bool topo_allows(const struct topo *t, unsigned os);	/* false too where there is no such CPU */
size_t topo_allowed(const struct topo *t);		/* how many PUs are */
/* Their numbers, sorted, as a list: "0-3,8". "none" where there are none. */
void topo_allowed_list(const struct topo *t, struct buf *out);

/*
 * Pins the calling thread to one CPU, and checks that it stuck. Many threads may
 * do so at once with one topology, which must be of the machine that runs us.
 * 0, or -1 and why.
 */
int topo_pin(const struct topo *t, unsigned os, struct buf *why);

/* Is the calling thread pinned to that CPU, still, and running there? 0, or -1 and why. */
int topo_pinned(const struct topo *t, unsigned os, struct buf *why);

/* Pins one thread of another process of ours, by its number, and checks that it stuck. 0, or -1 and why. */
int topo_pin_thread(const struct topo *t, pid_t tid, unsigned os, struct buf *why);

#endif
