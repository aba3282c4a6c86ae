/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a guest is no more, where its kernel did not say so by itself: QEMU has ended,
 * or the guest answers no longer.
 */
#ifndef HARNESS_GUEST_AUTOPSY_H
#define HARNESS_GUEST_AUTOPSY_H

struct emulator;
struct incident;

/* INCIDENT_DIED: how QEMU ended, and what it said on its stderr. The caller releases *i. */
void autopsy_died(const struct emulator *e, struct incident *i);

/*
 * INCIDENT_SILENT: `what` ("not ready after 60 s"), with the end of the console, and
 * where its CPUs are: the kernel is asked first (SysRq), QEMU where that gave nothing.
 * Takes a few seconds. symbols: the path of the kernel's System.map, for what QEMU
 * tells, or NULL. The caller releases *i.
 */
void autopsy_silent(struct emulator *e, const char *what, const char *symbols, struct incident *i);

#endif
