/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin: `-plugin libfoliotrace.so,fd=N` writes a trace of the marked regions to
 * the inherited descriptor N. Outside of regions it looks for markers when code is
 * translated, and does nothing when code runs. docs/trace.md has the whole story.
 *
 * A vCPU's recording is touched by the thread that runs it alone; whatever vCPUs
 * share is under the lock. Under thread=single there is but one thread.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/count/plugin/insn.h"
#include "harness/count/plugin/known.h"
#include "harness/count/plugin/qemu_api.h"
#include "harness/count/plugin/recording.h"
#include "harness/count/plugin/writer.h"
#include "lib/alloc.h"
#include "lib/err.h"
#include "lib/roi.h"

#define VCPUS 4096
_Static_assert(VCPUS == 4096 && RECORDING_MAX == 4194304, "messages name these");
#define PAGE 4096u	/* the smallest of either architecture */

int qemu_plugin_version = QEMU_PLUGIN_API;

static struct {
	uint64_t id;
	bool arm64;
	bool system;
	bool armed;
	bool instrumented;	/* code translated now calls back */
	bool keeps;		/* once instrumented, code stays so: QEMU could not be made to forget callbacks safely */
	pthread_mutex_t lock;
	struct insn_decoder *decoder;
	struct known *known;
	struct writer *writer;
	struct recording *vcpu[VCPUS];	/* each from its first op on */
} plugin = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct recording *recording_of(unsigned vcpu)
{
	return vcpu < VCPUS ? plugin.vcpu[vcpu] : NULL;
}

static void begin_op(unsigned vcpu)
{
	if (vcpu >= VCPUS) {
		pthread_mutex_lock(&plugin.lock);
		writer_fail(plugin.writer, "a vCPU beyond the 4096th does an op");
		pthread_mutex_unlock(&plugin.lock);
		return;
	}
	if (!plugin.vcpu[vcpu])
		plugin.vcpu[vcpu] = xcalloc(1, sizeof(*plugin.vcpu[vcpu]));
	recording_begin(plugin.vcpu[vcpu], vcpu);
}

static void end_op(unsigned vcpu)
{
	struct recording *r = recording_of(vcpu);
	const struct op *op = r ? recording_end(r) : NULL;

	if (!op)
		return;
	pthread_mutex_lock(&plugin.lock);
	if (r->overflow)
		writer_fail(plugin.writer, "an op of more than 4194304 accesses: count a smaller one");
	else
		writer_op(plugin.writer, op);
	pthread_mutex_unlock(&plugin.lock);
}

static void insn_executed(unsigned vcpu, void *data)
{
	struct recording *r = recording_of(vcpu);

	if (r && r->on)
		recording_insn(r, data);
}

/* What the emulator cannot give an address of, be it a device's, keeps its virtual one. */
static uint64_t physical(uint32_t info, uint64_t virt)
{
	const struct qemu_plugin_hwaddr *at = plugin.system ? qemu_plugin_get_hwaddr(info, virt) : NULL;

	return at && !qemu_plugin_hwaddr_is_io(at) ? qemu_plugin_hwaddr_phys_addr(at) : virt;
}

static void accessed(unsigned vcpu, uint32_t info, uint64_t virt, void *data)
{
	struct recording *r = recording_of(vcpu);
	struct touch t = { .virt = virt, .store = qemu_plugin_mem_is_store(info) };
	uint32_t left = 1u << qemu_plugin_mem_size_shift(info), room;

	/* of an instruction that is over: an interrupt's frame; see qemu_plugin_disable_mem_helpers() */
	if (!r || !r->on || r->last != data)
		return;
	for (; left; left -= t.bytes, t.virt += t.bytes) {
		room = PAGE - (uint32_t)(t.virt % PAGE);
		t.bytes = left < room ? left : room;
		t.at = physical(info, t.virt);
		recording_access(r, data, &t);
	}
}

static void arm(void)
{
	pthread_mutex_lock(&plugin.lock);
	plugin.armed = true;
	writer_begin(plugin.writer);
	pthread_mutex_unlock(&plugin.lock);
}

static void disarm(void)
{
	unsigned i;

	pthread_mutex_lock(&plugin.lock);
	for (i = 0; i < VCPUS; i++)
		if (plugin.vcpu[i])
			plugin.vcpu[i]->on = false;	/* of a thread that failed in the middle */
	plugin.armed = false;
	writer_end(plugin.writer);
	pthread_mutex_unlock(&plugin.lock);
}

/* No vCPU runs, and callbacks are freed. */
static void forget_callbacks(uint64_t id)
{
	struct CPUState *cpu;
	int i;

	(void)id;
	for (i = 0; qemu_plugin_disable_mem_helpers && qemu_get_cpu && (cpu = qemu_get_cpu(i)); i++)
		qemu_plugin_disable_mem_helpers(cpu);
}

/* A region that is still open is for the reader to find: the guest did not come to its end. */
static void emulator_ends(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	pthread_mutex_lock(&plugin.lock);
	if (plugin.armed)
		writer_abandon(plugin.writer);
	else
		writer_finish(plugin.writer);
	plugin.armed = false;
	pthread_mutex_unlock(&plugin.lock);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb);

static void listen(uint64_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, emulator_ends, NULL);
	qemu_plugin_register_flush_cb(id, forget_callbacks);
}

/* QEMU calls these two while no vCPU runs, and has forgotten all translations. */
static void arm_anew(uint64_t id)
{
	plugin.instrumented = true;
	arm();
	listen(id);
}

static void disarm_anew(uint64_t id)
{
	forget_callbacks(id);
	plugin.instrumented = false;
	disarm();
	listen(id);
}

static void mark_executed(unsigned vcpu, void *data)
{
	switch ((enum roi_mark)(uintptr_t)data) {
	case ROI_ARM:
		if (!plugin.armed && plugin.instrumented)
			arm();
		else if (!plugin.armed)
			qemu_plugin_reset(plugin.id, arm_anew);
		break;
	case ROI_DISARM:
		if (plugin.armed && plugin.keeps)
			disarm();
		else if (plugin.armed)
			qemu_plugin_reset(plugin.id, disarm_anew);
		break;
	case ROI_BEGIN:
		if (plugin.armed)
			begin_op(vcpu);
		break;
	case ROI_END:
		if (plugin.armed)
			end_op(vcpu);
		break;
	case ROI_MARKS:
		break;
	}
}

static void instrument(struct qemu_plugin_insn *insn)
{
	const struct known_insn *known;
	void *data;

	pthread_mutex_lock(&plugin.lock);
	known = known_add(plugin.known, plugin.decoder, qemu_plugin_insn_vaddr(insn),
			  qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
	pthread_mutex_unlock(&plugin.lock);
	data = (void *)(uintptr_t)known;	/* QEMU hands it back as it is */
	qemu_plugin_register_vcpu_insn_exec_cb(insn, insn_executed, QEMU_PLUGIN_CB_NO_REGS, data);
	qemu_plugin_register_vcpu_mem_cb(insn, accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, data);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct qemu_plugin_insn *insn;
	int mark;

	(void)id;
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		mark = insn_marker(plugin.arm64, qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
		if (mark >= 0)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_executed, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)mark);
		else if (plugin.instrumented)
			instrument(insn);
	}
}

/* The one argument, "fd=N". */
static int descriptor(int argc, char **argv)
{
	char *end = NULL;
	long fd = -1;

	if (argc == 1 && !strncmp(argv[0], "fd=", 3))
		fd = strtol(argv[0] + 3, &end, 10);
	if (fd < 0 || fd > 1 << 20 || !end || end == argv[0] + 3 || *end)
		return err("wants one argument, fd=N: the number of a descriptor to write the trace to");
	if (fcntl((int)fd, F_GETFL) < 0 || (fcntl((int)fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return err("fd=%ld is no descriptor that can be written to", fd);
	return (int)fd;
}

int qemu_plugin_install(uint64_t id, const struct qemu_plugin_info *info, int argc, char **argv)
{
	int fd;

	err_program("foliotrace");
	plugin.id = id;
	plugin.system = info->system_emulation;
	plugin.arm64 = !strcmp(info->target_name, "aarch64");
	if (!plugin.arm64 && strcmp(info->target_name, "x86_64"))
		return err("emulates %s: only x86_64 and aarch64 are known", info->target_name);
	fd = descriptor(argc, argv);
	if (fd < 0)
		return -1;
	plugin.decoder = insn_decoder_new(plugin.arm64);
	if (!plugin.decoder)
		return -1;
	/* 8.0 to 8.2, which need it not, cannot be told from a 7.2 that hides its symbols */
	plugin.keeps = !qemu_plugin_disable_mem_helpers || !qemu_get_cpu;
	plugin.known = known_new();
	plugin.writer = writer_new(fd, plugin.arm64, plugin.known);
	listen(id);
	return 0;
}
