/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate that a run is judged by: read from configs/, kept in the run's directory, read again from there.
 */
#ifndef HARNESS_COMMANDS_GATE_FILE_H
#define HARNESS_COMMANDS_GATE_FILE_H

#include "harness/plan/gate.h"

struct buf;
struct catalogue;
struct run;

/*
 * what: a path, or the name of a file in configs/gates; NULL: "default". text gets the file's. Cells are checked
 * against the catalogue; NULL: they are not. An enum exitcode; the error is reported. The caller releases the
 * gate in every case.
 */
int gate_file_read(const char *what, const struct catalogue *catalogue, struct gate *g, struct buf *text);
/* The standard gate as it is built in; text as above. */
void gate_file_standard(struct gate *g, struct buf *text);
/* That which a run was begun with; the standard one for runs of before gates were kept. 0, or -1 after reporting. */
int gate_file_kept(const struct run *r, struct gate *g);

#endif
