/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random orders that are the same for equal seeds on every machine and in every
 * version. Pure.
 */
#ifndef HARNESS_PLAN_ORDER_H
#define HARNESS_PLAN_ORDER_H

#include <stdint.h>

/* Each draws from a stream of numbers of its own, so that neither changes with what the other orders. */
enum order_stream { ORDER_CELLS, ORDER_KERNELS };

/*
 * [block * n + i]: 0 to n - 1 in an order of its own for each block, every order
 * equally likely. n is 1 or more. More blocks leave the earlier ones as they are.
 * The caller frees.
 */
uint32_t *order_make(uint64_t seed, enum order_stream stream, uint32_t blocks, uint32_t n);

#endif
