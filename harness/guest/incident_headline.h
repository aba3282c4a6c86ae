/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first line of each kind of trouble, as kernels of 5.10 and later print
 * it, and how its report ends. Pure.
 */
#ifndef HARNESS_GUEST_INCIDENT_HEADLINE_H
#define HARNESS_GUEST_INCIDENT_HEADLINE_H

#include "harness/guest/incident.h"

enum incident_end {
	ENDS_WITH_MARK,		/* "---[ end trace ... ]---" */
	ENDS_WITH_TRACE,	/* the first call trace */
	ENDS_WITH_RULER,	/* a line of '=' */
	ENDS_WITH_KILL,		/* what the OOM killer took */
	ENDS_WITH_PANIC,	/* where a panic tells how the kernel lies in memory, or reboots */
};

struct incident_headline {
	const char *pattern;		/* of the whole text, as for fnmatch(3) */
	enum incident_kind kind;	/* INCIDENT_NONE: only looks like one */
	enum incident_end end;
};

/* What a message's text, without time and caller, begins; NULL: nothing. Static. */
const struct incident_headline *incident_headline(const char *text);

#endif
