/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/count/plugin/known.h"
#include "harness/count/plugin/writer.h"
#include "harness/count/trace.h"
#include "harness/count/trace_format.h"
#include "harness/count/zstream.h"
#include "lib/buf.h"
#include "tests/unit/scratch.h"

#define KERNEL 0xffffffff81000000ull
#define INSNS 20u
#define OPS 6u		/* of the first region; the second has none, the third one more */
#define REGIONS 3u

static struct known *known;
static struct buf whole = BUF_INIT;	/* a trace */
static size_t first_region;		/* its bytes up to the end of region 0 */
static char path[32];			/* of a file in memory */
static int file;

/* Deterministic, and hard to guess for a reader that is wrong. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
	return (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
}

static struct access made_access(unsigned region, unsigned op, unsigned i)
{
	uint64_t x = mix(region * 1000003 + op * 1009 + i + 1);
	struct access a = {
		.virt = i % 3 ? 0xffff888000000000ull + (x & 0xffffffff) : x & 0x7fffffffffff,
		.insn = (uint32_t)(x >> 40) % INSNS, .gap = (uint32_t)(x >> 50) % 300,
		.looped = x & 4 ? (uint32_t)(x >> 50) % 300 / 2 : 0,
		.kind = (uint8_t)((x >> 8) % 3), .string = x >> 12 & 1, .user = x >> 13 & 1,
	};
	uint32_t room = OP_LINE - (uint32_t)(a.virt % OP_LINE);

	a.at = i % 5 ? a.virt - 0xffff888000000000ull : (x >> 3 & ~63ull) + a.virt % OP_LINE;
	room = OP_LINE - (uint32_t)(a.at % OP_LINE);
	a.bytes = (uint8_t)(1 + (x >> 20) % room);
	if (i == 7)	/* what does not come by chance */
		a = (struct access){ .at = 0x40, .virt = UINT64_MAX - 63, .gap = UINT32_MAX,
				     .looped = UINT32_MAX, .bytes = OP_LINE };
	return a;
}

static unsigned made_ops(unsigned region)
{
	return region == 0 ? OPS : region == 1 ? 0 : OPS + 1;
}

static unsigned made_accesses(unsigned op)
{
	return op == 0 ? 0 : 9 * op;
}

static struct op made_op(unsigned region, unsigned op)
{
	struct op o = { .vcpu = op == 3 ? UINT32_MAX : op % 3, .path = mix(op + 99),
			.tail = op == 4 ? UINT32_MAX : op, .naccesses = made_accesses(op) };
	unsigned i;
	int c;

	for (c = 0; c < NCOUNTS; c++)
		o.count[c] = op == 5 ? UINT32_MAX : (uint32_t)mix(op * 31 + (unsigned)c) >> (c % 32);
	o.access = calloc(o.naccesses + 1, sizeof(o.access[0]));
	for (i = 0; i < o.naccesses; i++)
		o.access[i] = made_access(region, op, i);
	return o;
}

/* The instructions that ops name by number: of all lengths, not in the order of their addresses. */
static void make_known(bool arm64)
{
	struct insn_decoder *d = insn_decoder_new(arm64);
	unsigned char byte[INSN_MAX];
	unsigned i;

	known = known_new();
	for (i = 0; i < INSNS; i++) {
		memset(byte, (int)i + 0x90, sizeof(byte));
		known_add(known, d, KERNEL + mix(i) % 0x100000, byte, 1 + i % INSN_MAX);
	}
	insn_decoder_free(d);
}

static off_t file_size(void)
{
	struct stat st;

	assert_return_code(fstat(file, &st), 0);
	return st.st_size;
}

static void write_regions(struct writer *w)
{
	unsigned region, i;
	struct op op;

	for (region = 0; region < REGIONS; region++) {
		writer_begin(w);
		for (i = 0; i < made_ops(region); i++) {
			op = made_op(region, i);
			writer_op(w, &op);
			free(op.access);
		}
		writer_end(w);
		if (!region)
			first_region = (size_t)file_size();
	}
}

static void write_trace(bool arm64)
{
	struct writer *w;

	assert_return_code(ftruncate(file, 0), 0);
	lseek(file, 0, SEEK_SET);
	w = writer_new(file, arm64, known);
	write_regions(w);
	writer_finish(w);
	writer_free(w);
	buf_reset(&whole);
	assert_int_equal(buf_read_file(&whole, path), 0);
}

static void put(const void *data, size_t len)
{
	assert_return_code(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, data, len, 0), len);
}

static int setup(void **state)
{
	(void)state;
	make_known(false);
	file = memfd_create("trace", MFD_CLOEXEC);
	assert_return_code(file, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	write_trace(false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	known_free(known);
	buf_release(&whole);
	close(file);
	return 0;
}

static bool same_access(const struct trace *t, const struct access *a, const struct access *b)
{
	const struct known_insn *k = known_get(known, b->insn);
	const struct trace_insn *insn;
	size_t n;

	insn = trace_insns(t, &n);
	assert_true(a->insn < n);
	insn += a->insn;
	return a->at == b->at && a->virt == b->virt && a->gap == b->gap && a->looped == b->looped && a->bytes == b->bytes &&
	       a->kind == b->kind && a->string == b->string && a->user == b->user && insn->pc == k->pc &&
	       insn->len == k->len && !memcmp(insn->byte, k->byte, sizeof(k->byte));
}

static bool same_op(const struct trace *t, const struct op *got, const struct op *op)
{
	size_t i;

	if (got->vcpu != op->vcpu || got->path != op->path || got->tail != op->tail ||
	    got->naccesses != op->naccesses || memcmp(got->count, op->count, sizeof(op->count)))
		return false;
	for (i = 0; i < op->naccesses; i++)
		if (!same_access(t, &got->access[i], &op->access[i]))
			return false;
	return true;
}

static bool same_region(const struct trace *t, const struct region *r, unsigned number)
{
	bool same = r->number == number && r->nops == made_ops(number);
	struct op op;
	unsigned i;

	for (i = 0; same && i < r->nops; i++) {
		op = made_op(number, i);
		same = same_op(t, &r->op[i], &op);
		free(op.access);
	}
	return same;
}

/* Reads all there is: whole regions come back as they were? The last answer of trace_next(), or -1; why has why. */
static int read_all(unsigned *regions, bool *same, struct buf *why)
{
	struct trace *t;
	struct region r;
	int got;

	*regions = 0;
	*same = true;
	buf_reset(why);
	t = trace_open(path, why);
	if (!t)
		return -1;
	while ((got = trace_next(t, &r, why)) > 0) {
		*same &= same_region(t, &r, (*regions)++);
		region_release(&r);
	}
	region_release(&r);
	trace_close(t);
	return got;
}

static void what_was_written_is_read(void **state)
{
	struct buf why = BUF_INIT;
	unsigned regions;
	bool same;
	int arm64;

	(void)state;
	for (arm64 = 1; arm64 >= 0; arm64--) {
		struct trace *t;

		write_trace(arm64);
		assert_int_equal(read_all(&regions, &same, &why), 0);
		assert_int_equal(why.len, 0);
		assert_int_equal(regions, REGIONS);
		assert_true(same);
		t = trace_open(path, &why);
		assert_int_equal(trace_is_arm64(t), arm64);
		trace_close(t);
	}
	buf_release(&why);
}

static void equal_ops_give_equal_bytes(void **state)
{
	struct buf before = BUF_INIT;

	(void)state;
	buf_add(&before, whole.s, whole.len);
	write_trace(false);
	assert_int_equal(whole.len, before.len);
	assert_memory_equal(whole.s, before.s, before.len);
	buf_release(&before);
}

static void the_end_comes_again_and_again(void **state)
{
	struct buf why = BUF_INIT;
	struct region r;
	struct trace *t;
	unsigned i;

	(void)state;
	t = trace_open(path, &why);
	for (i = 0; i < REGIONS; i++) {
		assert_int_equal(trace_next(t, &r, &why), 1);
		region_release(&r);
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(trace_next(t, &r, &why), 0);
		region_release(&r);
	}
	trace_close(t);
	buf_release(&why);
}

static void a_trace_cut_anywhere_says_so(void **state)
{
	struct buf why = BUF_INIT;
	unsigned regions;
	size_t len;
	bool same;

	(void)state;
	for (len = 0; len < whole.len; len++) {
		put(whole.s, len);
		assert_int_equal(read_all(&regions, &same, &why), -1);
		assert_true(same);
		assert_true(regions <= REGIONS);
		assert_int_equal(strncmp(buf_text(&why), path, strlen(path)), 0);
		assert_true(strstr(buf_text(&why), "is empty") || strstr(buf_text(&why), "cut short") ||
			    strstr(buf_text(&why), "the emulator was stopped, or its disk full"));
		if (len >= first_region)
			assert_true(regions >= 1);	/* whole ones are not lost */
	}
	put(whole.s, whole.len);
	buf_release(&why);
}

static void a_trace_with_any_bit_flipped_is_refused_or_unharmed(void **state)
{
	struct buf why = BUF_INIT;
	unsigned regions, bit;
	size_t at;
	bool same;
	int ret;

	(void)state;
	for (at = 0; at < whole.len; at++) {
		bit = (unsigned)(at * 5 % 8);
		whole.s[at] ^= (char)(1 << bit);
		put(whole.s, whole.len);
		ret = read_all(&regions, &same, &why);
		assert_true(ret == -1 || (ret == 0 && same && regions == REGIONS));
		assert_true(ret == 0 || why.len);
		whole.s[at] ^= (char)(1 << bit);
	}
	put(whole.s, whole.len);
	buf_release(&why);
}

static void says(const char *what)
{
	struct buf why = BUF_INIT;
	unsigned regions;
	bool same;

	assert_int_equal(read_all(&regions, &same, &why), -1);
	if (!strstr(buf_text(&why), what))
		fail_msg("said '%s', not '%s'", buf_text(&why), what);
	buf_release(&why);
}

static void other_files_are_told_apart(void **state)
{
	static const unsigned char later[] = TRACE_MAGIC "\x63\1", sparc[] = TRACE_MAGIC "\1\7",
				   head[] = TRACE_MAGIC "\1\1not zstd";
	struct buf why = BUF_INIT;

	(void)state;
	put("", 0);
	says("is empty: the emulator has not loaded the plugin");
	put("\177ELF and so on", 14);
	says("is no trace of libfoliotrace.so");
	put("FOLIO", 5);
	says("is cut short at its head");
	put(later, sizeof(later) - 1);
	says("is a trace of version 99; this program reads version 1");
	put(sparc, sizeof(sparc) - 1);
	says("is of architecture number 7");
	put(head, sizeof(head) - 1);
	says("damaged: zstd: Unknown frame descriptor");
	assert_null(trace_open("/nonexistent/trace", &why));
	assert_string_equal(buf_text(&why), "open /nonexistent/trace: No such file or directory");
	assert_null(trace_open("/", &why));
	assert_string_equal(buf_text(&why), "/: read: Is a directory");
	buf_release(&why);
	buf_add(&whole, "x", 1);
	put(whole.s, whole.len);
	whole.len--;
	says("goes on after its end");
	put(whole.s, whole.len);
}

/* Well compressed, and nonsense: what a checksum does not find. */
static void put_records(const void *record, size_t len)
{
	static const unsigned char head[] = TRACE_MAGIC "\1\1";
	struct zwriter *z;

	put(head, TRACE_HEAD);
	lseek(file, TRACE_HEAD, SEEK_SET);
	z = zwriter_new(file);
	assert_int_equal(zwriter_add(z, record, len), 0);
	assert_int_equal(zwriter_end(z), 0);
	zwriter_free(z);
}
#define RECORDS(s) put_records(s, sizeof(s) - 1)
#define COUNTS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"	/* NCOUNTS zeros */
#define INSN "i\2\1\x90"
#define OP "o\0" COUNTS "\0\0"			/* but for the accesses */

static void records_that_make_no_sense_are_refused(void **state)
{
	struct buf why = BUF_INIT;
	unsigned regions;
	bool same;

	(void)state;
	assert_int_equal(sizeof(COUNTS) - 1, NCOUNTS);
	RECORDS("b\0" INSN OP "\1\x70\1\0e\0\1z\1");
	assert_int_equal(read_all(&regions, &same, &why), 0);	/* the pattern of the faults below */
	buf_release(&why);
	RECORDS("");
	says("ends before its first region: the emulator was stopped");
	RECORDS("b\0e\0\0");
	says("ends after region 0 without its last record: the emulator was stopped, or its disk full");
	RECORDS("b\0" INSN);
	says("ends in the middle of region 0: the emulator was stopped, or its disk full");
	RECORDS("?");
	says("damaged: a record of type 0x3f");
	RECORDS("b\1");
	says("damaged: region 1 begins");
	RECORDS("b\0b\0");
	says("in region 0: damaged: region 0 begins");
	RECORDS("e\0\0");
	says("damaged: region 0 ends");
	RECORDS("b\0e\0\5");
	says("damaged: region 0 ends with 5 ops, not 0");
	RECORDS(OP "\0");
	says("an op outside of any region");
	RECORDS("b\0z\0");
	says("damaged: ends with 0 regions");
	RECORDS("z\1");
	says("damaged: ends with 1 regions");
	RECORDS("z\0z\0");
	says("damaged: goes on after its last record");
	RECORDS("i\2\0");
	says("damaged: an instruction of 0 bytes");
	RECORDS("i\2\x10");
	says("damaged: an instruction of 16 bytes");
	RECORDS("b\0" INSN OP "\1\x73\1\0");
	says("damaged: an access of kind 3");
	RECORDS("b\0" OP "\1\x70\1\0");
	says("damaged: an access by instruction 0 of 0");
	RECORDS("b\0" INSN OP "\1\x60\1\0\1");
	says("damaged: an access by instruction 18446744073709551615 of 1");
	RECORDS("b\0" INSN OP "\1\x70\1\4");
	says("damaged: an access of 64 bytes at byte 2 of a line");
	RECORDS("b\0" INSN OP "\1\x30\1\0\0");
	says("damaged: an access of 0 bytes at byte 0 of a line");
	RECORDS("b\0" INSN OP "\1\x70\x80\x80\x80\x80\x10\0");
	says("damaged: a gap is 4294967296");
	RECORDS("b\0" INSN OP "\1\xf0\1\2\0");
	says("damaged: a loop is 2");	/* of a gap of 1 */
	RECORDS("b\0o\xff\xff\xff\xff\x1f");
	says("damaged: a vCPU is 8589934591");
	RECORDS("b\0o\0\xff\xff\xff\xff\x1f");
	says("damaged: kernel_instructions is 8589934591");
	RECORDS("b\0" OP "\xff\xff\xff\xff\x1f");
	says("damaged: the number of accesses is 8589934591");
	RECORDS("b\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
	says("damaged: a number of more than 64 bits");
	RECORDS("b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	says("damaged: a number of more than 64 bits");
	put(whole.s, whole.len);
}

static void a_writer_that_cannot_write_says_so_once(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct writer *w;

	(void)state;
	assert_return_code(full, 0);
	scratch_listen();
	w = writer_new(full, false, known);
	write_regions(w);
	writer_finish(w);
	writer_free(w);
	assert_string_equal(scratch_heard(), "foliobench: error: write the trace: No space left on device\n");
	close(full);
}

static void a_trace_that_was_given_up_has_no_end(void **state)
{
	struct buf why = BUF_INIT;
	unsigned regions, failed;
	struct writer *w;
	bool same;

	(void)state;
	for (failed = 0; failed < 2; failed++) {
		assert_return_code(ftruncate(file, 0), 0);
		lseek(file, 0, SEEK_SET);
		w = writer_new(file, false, known);
		write_regions(w);
		scratch_listen();
		if (failed) {
			writer_fail(w, "an op too long");
			writer_fail(w, "and another");
			writer_finish(w);
		} else {
			writer_begin(w);
			writer_abandon(w);
		}
		assert_string_equal(scratch_heard(), failed ? "foliobench: error: an op too long\n" : "");
		writer_free(w);
		assert_int_equal(read_all(&regions, &same, &why), -1);
		assert_int_equal(regions, REGIONS);
		assert_true(same);
		assert_non_null(strstr(buf_text(&why), failed ? "ends after region 2" : "in the middle of region 3"));
	}
	put(whole.s, whole.len);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(equal_ops_give_equal_bytes),
		cmocka_unit_test(the_end_comes_again_and_again),
		cmocka_unit_test(a_trace_cut_anywhere_says_so),
		cmocka_unit_test(a_trace_with_any_bit_flipped_is_refused_or_unharmed),
		cmocka_unit_test(other_files_are_told_apart),
		cmocka_unit_test(records_that_make_no_sense_are_refused),
		cmocka_unit_test(a_writer_that_cannot_write_says_so_once),
		cmocka_unit_test(a_trace_that_was_given_up_has_no_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
