/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions met while armed, each once: the same bytes at the same address are
 * the same instruction, however often they are translated. Not thread-safe.
 */
#ifndef HARNESS_COUNT_PLUGIN_KNOWN_H
#define HARNESS_COUNT_PLUGIN_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/count/plugin/insn.h"

struct known_insn {
	uint64_t pc;
	uint32_t number;	/* from 0, in the order of their being met */
	uint16_t kinds;		/* enum insn_kind */
	uint8_t len;
	uint8_t byte[INSN_MAX];
};

struct known;

struct known *known_new(void);
void known_free(struct known *k);

/* 1 to INSN_MAX bytes. What is returned stays where it is until known_free(). */
const struct known_insn *known_add(struct known *k, struct insn_decoder *d, uint64_t pc,
				   const unsigned char *byte, size_t len);

/* By number: one that known_add() has given. */
const struct known_insn *known_get(const struct known *k, uint32_t number);

#endif
