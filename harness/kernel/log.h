/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What make said in the last builds: CACHE/logs/KEY.log, a few of them.
 */
#ifndef HARNESS_KERNEL_LOG_H
#define HARNESS_KERNEL_LOG_H

#define LOGS_KEPT 30

/* The path of a key's log, in a directory that is there. The caller frees; NULL after reporting. */
char *log_path(const char *key);

/* All but the newest LOGS_KEPT go. */
void log_trim(void);

#endif
