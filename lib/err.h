/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors, warnings and talk, all on stderr. Whoever detects an error reports
 * it, once: `return err("open %s: %m", path);`. Callers clean up and stay
 * silent. Pure code does not print: it fills a struct buf and lets its caller
 * report.
 */
#ifndef LIB_ERR_H
#define LIB_ERR_H

#include <stdbool.h>

/* The name before every message; a string that outlives the program. */
void err_program(const char *name);

enum verbosity { QUIET = -1, NORMAL = 0, VERBOSE = 1 };
void err_verbosity(enum verbosity level);
/* Colour "error:" and "warning:" on stderr. Off until called. */
void err_color(bool on);

/* "NAME: error: ...". Always -1, so that it can be returned. */
int err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A message that names its own place ("file:3:7: ..."), printed as it is. Always -1. */
int err_at(const char *message);

/* "NAME: warning: ...". Shown even under -q: a warning is about the figures. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Talk: info() unless -q, detail() only with -v. No prefix. */
void info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool err_talks(void);	/* does info() print? */
void detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A broken invariant of this program, never a user's error: report and abort. */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
void err_bug(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));

#endif
