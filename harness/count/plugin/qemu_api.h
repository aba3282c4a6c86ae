/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this plugin uses of QEMU's plugin API, version 1: up to QEMU 8.2, for 9.0 takes
 * version 2 and later only. Declared here because distributions package QEMU without its
 * header. The names and values are QEMU's: docs/devel/tcg-plugins.rst describes them.
 */
#ifndef HARNESS_COUNT_PLUGIN_QEMU_API_H
#define HARNESS_COUNT_PLUGIN_QEMU_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_API 1
#define QEMU_PLUGIN_EXPORT __attribute__((visibility("default")))

struct qemu_plugin_info {
	const char *target_name;	/* "x86_64", "aarch64" */
	struct {
		int min, cur;
	} version;
	bool system_emulation;		/* false: qemu-user */
	struct {
		int smp_vcpus, max_vcpus;
	} system;
};

/* What QEMU looks up in the plugin. */
extern QEMU_PLUGIN_EXPORT int qemu_plugin_version;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_plugin_info *info, int argc,
					   char **argv);

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

typedef void qemu_plugin_simple_cb(uint64_t id);
typedef void qemu_plugin_udata_cb(uint64_t id, void *data);
typedef void qemu_plugin_trans_cb(uint64_t id, struct qemu_plugin_tb *tb);
typedef void qemu_plugin_exec_cb(unsigned vcpu, void *data);
typedef void qemu_plugin_mem_cb(unsigned vcpu, uint32_t info, uint64_t virt, void *data);

/* What the plugin calls in QEMU. */
#pragma GCC visibility push(default)
/* Forgets every callback and translation; `then` runs while no vCPU does, and may register anew. */
void qemu_plugin_reset(uint64_t id, qemu_plugin_simple_cb *then);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, qemu_plugin_trans_cb *cb);
void qemu_plugin_register_atexit_cb(uint64_t id, qemu_plugin_udata_cb *cb, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_plugin_exec_cb *cb,
					    enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_plugin_mem_cb *cb,
				      enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void *data);

/* During a translation callback only. */
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/* During a memory callback only. The handle is NULL in qemu-user. */
unsigned qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(uint32_t info, uint64_t virt);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *at);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *at);
void qemu_plugin_register_flush_cb(uint64_t id, qemu_plugin_simple_cb *cb);

/*
 * No part of the API, but in QEMU's symbol table where it loads modules. Up to 7.2 a vCPU is left with a pointer to
 * the callbacks of an instruction that accessed memory and jumped (RET, say), and follows it at the next
 * interrupt, also after they were freed with the translations. From 8.0 on neither the fault nor the second is there.
 */
struct CPUState;
__attribute__((weak)) struct CPUState *qemu_get_cpu(int index);
__attribute__((weak)) void qemu_plugin_disable_mem_helpers(struct CPUState *cpu);
#pragma GCC visibility pop

#endif
