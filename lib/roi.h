/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Region markers: instructions that do nothing on any processor, and that the
 * emulator's plugin knows by a constant in them. The driver executes them in
 * counted runs only, around a cell's counted part (arm, disarm) and around each
 * op of each thread (begin, end).
 *
 * x86-64: the 7-byte NOP with a displacement, `nopl MAGIC(%rax)`: it accesses no
 * memory (Intel SDM volume 2B, NOP), and compilers and assemblers pad with
 * displacement 0 only. arm64: `movz xzr, #MAGIC, lsl #48`, a write to the zero
 * register (Arm ARM, MOVZ), which no compiler emits.
 */
#ifndef LIB_ROI_H
#define LIB_ROI_H

enum roi_mark {
	ROI_ARM,	/* once a cell, by the coordinator, before any counted op */
	ROI_DISARM,	/* after the last */
	ROI_BEGIN,	/* of an op, by the thread that does it */
	ROI_END,
	ROI_MARKS
};

#define ROI_MAGIC_X86 0x0f011a70u	/* + mark: the displacement, little-endian after 0f 1f 80 */
#define ROI_MAGIC_ARM64 0xfa70u		/* + mark: the immediate of 0xd2e0001f | imm16 << 5 */
#define ROI_LEN_X86 7			/* bytes of the instruction */
#define ROI_LEN_ARM64 4

#if defined(__x86_64__)
#define ROI_MARK(mark) \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" ::"i"(ROI_MAGIC_X86 + (mark)) : "memory")
#elif defined(__aarch64__)
#define ROI_MARK(mark) \
	__asm__ volatile(".inst %c0" ::"i"(0xd2e0001fu | (ROI_MAGIC_ARM64 + (mark)) << 5) : "memory")
#else
#error "no region markers for this architecture"
#endif

#endif
