/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/index.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "harness/plan/plan.h"
#include "harness/store/run.h"
#include "harness/store/samples.h"
#include "lib/err.h"
#include "tests/unit/scratch.h"

static char *results;	/* a fresh directory for every test */

static int setup(void **state)
{
	static int n;

	(void)state;
	results = xasprintf("%s/results-%d", scratch_dir, n++);
	mkdir(results, 0777);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(results);
	free(results);
	return 0;
}

static void assert_says(const char *said, const char *part)
{
	if (!strstr(said, part))
		fail_msg("\"%s\" is not in: %s", part, said);
}

/* A plan of two cells, one kernel, two blocks and three windows: twelve samples. */

#define NCELLS 2
#define BLOCKS 2
#define WINDOWS 3

static char running[] = "running";
static struct plan_kernel kernels[] = { { .name = running } };
static char *rows[] = { "4k", "8k" }, *columns[] = { "" };
static char *cell_argv[] = { "read", "block=4k", "threads=2", NULL };
static char *cell_argv_8k[] = { "read", "block=8k", "threads=2", NULL };
static int grid[] = { 0, 1 };
static uint32_t order[] = { 0, 1, 1, 0 };
static struct plan_cell cells[NCELLS] = {
	{ .name = "read block=4k threads=2", .argv = cell_argv },
	{ .name = "read block=8k threads=2", .argv = cell_argv_8k },
};
static struct plan_table table = {
	.title = "a title's \"quotes\"; DROP TABLE run", .rows = "block", .row = rows, .column = columns, .nrows = 2,
	.ncolumns = 1, .cell = grid,
};
static struct plan plan = {
	.job = "reads", .seed = 1, .warmup_ns = 1000, .window_ns = 2000000, .windows = WINDOWS, .blocks = BLOCKS,
	.kernel = kernels, .nkernels = 1, .cell = cells, .ncells = NCELLS, .table = &table, .ntables = 1,
	.order = order,
};

static void sample_text(struct buf *out, const char *name, const char *kernel, uint32_t block, uint32_t window)
{
	uint64_t ops[2] = { 10 + window, 20 }, bytes[2] = { 4096, 8192 };
	uint32_t cpus[2] = { 0, 1 };
	struct sample s = {
		.name = (char *)name, .window = window, .threads = 2, .ops = ops, .bytes = bytes, .cpus = cpus,
		.elapsed_ns = 1000, .skew_ns = 70, .kernel = (char *)kernel, .block = block,
	};

	cell_id(name, s.cell);
	buf_reset(out);
	sample_line(&s, out);
}

static void append(struct run *r, const char *name, const char *kernel, uint32_t block, uint32_t window)
{
	struct buf line = BUF_INIT;

	sample_text(&line, name, kernel, block, window);
	assert_int_equal(run_append(r, line.s, line.len), 0);
	buf_release(&line);
}

#define ENVIRONMENT "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"running\",\"block\":0," \
	"\"at\":\"2026-11-21T11:02:03Z\",\"environment\":{\"kernel\":{\"release\":\"6.12.1\"," \
	"\"build_id\":\"abcd\"},\"cpu\":{\"model\":\"Z80\"}}}"

/* Makes a run and appends its first n samples. The id; the caller frees. */
static char *make_run(size_t n)
{
	json_t *json = plan_json(&plan);
	struct buf text = BUF_INIT;
	struct run r;
	char *id;
	size_t i;

	json_pretty(&text, json);
	json_decref(json);
	assert_int_equal(run_create(&r, results, plan.job), 0);
	assert_int_equal(run_write_file(&r, "plan.json", text.s, text.len), 0);
	buf_release(&text);
	assert_int_equal(run_append(&r, ENVIRONMENT, strlen(ENVIRONMENT)), 0);
	for (i = 0; i < n; i++)
		append(&r, cells[i / WINDOWS % NCELLS].name, "running", (uint32_t)(i / WINDOWS / NCELLS),
		       (uint32_t)(i % WINDOWS));
	id = xstrdup(r.id);
	run_close(&r);
	return id;
}

static void append_to(const char *id, const char *line)
{
	struct run r;

	assert_int_equal(run_resume(&r, results, id), 0);
	assert_int_equal(run_append(&r, line, strlen(line)), 0);
	run_close(&r);
}

/* "ID job kernel cells blocks samples/planned\n" for each run. */
static int note(const struct index_row *row, void *data)
{
	buf_fmt(data, "%s %s %s %u %u %llu/%llu\n", row->id, row->job, row->kernel[0] ? row->kernel : "-",
		row->cells, row->blocks, (unsigned long long)row->samples, (unsigned long long)row->planned);
	return 0;
}

static void assert_lists(struct index *ix, const char *expected)
{
	struct buf list = BUF_INIT;

	assert_int_equal(index_list(ix, note, &list), 0);
	assert_string_equal(buf_text(&list), expected);
	buf_release(&list);
}

/* Opens, lists, closes; returns what was said. */
static const char *open_and_list(const char *expected)
{
	struct index *ix;

	scratch_listen();
	if (index_open(&ix, results))
		fail_msg("%s", scratch_heard());
	assert_lists(ix, expected);
	index_close(ix);
	return scratch_heard();
}

static char *db_path(const char *suffix)
{
	return xasprintf("%s/index.db%s", results, suffix);
}

/* One value, asked of the database file by the sqlite3 program, as a user would. */
static void assert_query(const char *sql, const char *expected)
{
	char *path = db_path(""), *command = xasprintf("sqlite3 '%s' \"%s\" 2>&1", path, sql), answer[4096];
	FILE *f;
	size_t n;

	f = popen(command, "r");
	assert_non_null(f);
	n = fread(answer, 1, sizeof(answer) - 1, f);
	answer[n] = '\0';
	pclose(f);
	free(command);
	free(path);
	if (strstr(answer, "not found")) {
		print_message("skipped: the sqlite3 program is not installed\n");
		skip();
	}
	assert_string_equal(answer, expected);
}

static void a_new_index_takes_in_the_runs_there_are(void **state)
{
	char *first = make_run(12), *second = make_run(5);
	char *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n%s reads 6.12.1 2 2 5/12\n", first, second);

	(void)state;
	assert_string_equal(open_and_list(expected), "");
	assert_string_equal(open_and_list(expected), "");
	free(expected);
	free(second);
	free(first);
}

static void an_empty_directory_has_an_empty_index(void **state)
{
	size_t runs = 7;

	(void)state;
	assert_string_equal(open_and_list(""), "");
	assert_int_equal(index_rebuild(results, &runs), 0);
	assert_int_equal(runs, 0);
}

static void a_run_that_a_kernel_in_trouble_ended_has_its_verdict(void **state)
{
	struct index *ix;
	char *id = make_run(12), *expected;

	(void)state;
	append_to(id, "{\"schema\":1,\"kind\":\"incident\",\"kernel\":\"patched\",\"block\":0,"
	   "\"incident\":\"oops\",\"verdict\":\"reject\"}");
	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_refresh(ix), 0);
	index_close(ix);
	expected = xasprintf("%s|reject\n", id);
	assert_query("SELECT id, verdict FROM run WHERE verdict IS NOT NULL", expected);
	free(expected);
	free(id);
}

static int note_verdict(const struct index_row *row, void *data)
{
	buf_fmt(data, "%s%s%s ", row->verdict, row->final ? " final" : "",
		index_row_complete(row) ? " complete" : "");
	return 0;
}

static void assert_verdicts(const char *expected)
{
	struct buf list = BUF_INIT;
	struct index *ix;

	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_refresh(ix), 0);
	assert_int_equal(index_list(ix, note_verdict, &list), 0);
	assert_string_equal(buf_text(&list), expected);
	buf_release(&list);
	index_close(ix);
}

static void a_run_has_the_verdict_that_stands_beside_its_samples(void **state)
{
	static const char undecided[] = "{\"schema\":1,\"kind\":\"verdict\",\"outcome\":\"inconclusive\"}",
			  decided[] = "{\"schema\":1,\"kind\":\"verdict\",\"outcome\":\"accept\",\"final\":true}";
	char *id = make_run(6), *path = xasprintf("%s/%s/verdict.json", results, id);

	(void)state;
	assert_verdicts(" ");
	scratch_write(path, undecided, sizeof(undecided) - 1);
	assert_verdicts("inconclusive ");
	scratch_write(path, decided, sizeof(decided) - 1);
	assert_verdicts("accept final complete ");
	unlink(path);
	assert_verdicts(" ");
	free(path);
	free(id);
}

static void append_count(const char *id, const char *name)
{
	struct count_record c = {
		.kernel = running, .name = (char *)name, .threads = 2, .ops = 120, .at_mode = 120, .modes = 1,
		.paths = 1, .share = 1, .stable = true,
	};
	struct buf line = BUF_INIT;

	cell_id(name, c.cell);
	count_record_line(&c, &line);
	append_to(id, line.s);
	buf_release(&line);
}

static int note_complete(const struct index_row *row, void *data)
{
	buf_fmt(data, "%llu/%llu%s%s\n", (unsigned long long)row->counted, (unsigned long long)row->countable,
		index_row_counts_only(row) ? " counts only" : "", index_row_complete(row) ? " complete" : "");
	return 0;
}

static void assert_counts(const char *expected)
{
	struct buf list = BUF_INIT;
	struct index *ix;

	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_refresh(ix), 0);
	assert_int_equal(index_list(ix, note_complete, &list), 0);
	assert_string_equal(buf_text(&list), expected);
	index_close(ix);
	buf_release(&list);
}

static void a_run_of_counts_alone_is_complete_once_every_cell_is_counted(void **state)
{
	char *id = make_run(0), *measured;

	(void)state;
	assert_counts("0/2\n");
	append_count(id, cells[0].name);
	assert_counts("1/2 counts only\n");
	append_count(id, cells[0].name);
	append_count(id, "read of no cell of the plan");
	assert_counts("1/2 counts only\n");
	append_count(id, cells[1].name);
	assert_counts("2/2 counts only complete\n");
	append_to(id, ENVIRONMENT);
	measured = make_run(11);
	append_count(measured, cells[0].name);
	append_count(measured, cells[1].name);
	assert_counts("2/2 counts only complete\n2/2\n");	/* the other still lacks a sample */
	free(measured);
	free(id);
}

static void values_are_in_base_units(void **state)
{
	struct index *ix;
	char *id = make_run(12), *expected;

	(void)state;
	assert_int_equal(index_open(&ix, results), 0);
	index_close(ix);
	assert_query("SELECT block, window, threads, ops, bytes, elapsed_ns, skew_ns, ops_per_s, bytes_per_s, name,"
		     " release, build_id, cpu_model FROM measured WHERE cell = (SELECT cell.id FROM cell WHERE"
		     " name LIKE '%8k%') AND block = 1 AND window = 2",
		     "1|2|2|32|12288|1000|70|32000000.0|12288000000.0|read block=8k threads=2|6.12.1|abcd|Z80\n");
	expected = xasprintf("%s|reads|6.12.1|abcd|Z80|1|2|2|3|1000|2000000|12|12\n", id);
	assert_query("SELECT id, job, kernel_release, build_id, cpu_model, seed, cells, blocks, windows, warmup_ns,"
		     " window_ns, samples, planned FROM run", expected);
	free(expected);
	expected = xasprintf("%.10sT%.2s:%.2s:%.2sZ\n", id, id + 11, id + 14, id + 17);
	assert_query("SELECT started FROM run", expected);
	assert_query("SELECT DISTINCT title FROM cell", "a title's \"quotes\"; DROP TABLE run\n");
	assert_query("SELECT version FROM meta", "5\n");
	assert_query("SELECT DISTINCT emulated FROM measured", "0\n");
	assert_query("PRAGMA integrity_check", "ok\n");
	free(expected);
	free(id);
}

/* What was counted stays; who wants to divide it by a time must do so himself. */
static void rates_of_emulation_are_not_to_be_had(void **state)
{
	struct index *ix;
	char *id = make_run(12);

	(void)state;
	append_to(id, "{\"schema\":1,\"kind\":\"environment\",\"kernel\":\"running\",\"block\":1,"
		  "\"at\":\"2026-11-21T11:02:03Z\",\"environment\":{},\"guest\":{\"accel\":\"tcg-multi\"}}");
	assert_int_equal(index_open(&ix, results), 0);
	index_close(ix);
	assert_query("SELECT emulated FROM kernel", "1\n");
	assert_query("SELECT count(*), count(bytes_per_s), count(ops_per_s), count(ns_per_op), sum(ops) FROM measured"
		     " WHERE emulated", "12|0|0|0|372\n");
	free(id);
}

static void what_the_plan_lacks_is_not_counted(void **state)
{
	char *id = make_run(3), *expected = xasprintf("%s reads 6.12.1 2 2 3/12\n", id);
	struct run r;

	(void)state;
	assert_int_equal(run_resume(&r, results, id), 0);
	append(&r, cells[0].name, "running", 0, 0);		/* a window twice */
	append(&r, cells[0].name, "running", 0, WINDOWS);	/* one too many */
	append(&r, cells[0].name, "running", BLOCKS, 0);
	append(&r, cells[0].name, "other", 0, 0);
	append(&r, "read block=1M", "running", 0, 0);
	run_close(&r);
	assert_string_equal(open_and_list(expected), "");
	free(expected);
	free(id);
}

static void put_replaces_all_that_was_known(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads - 2 2 0/12\n", id);
	struct samples none = { .environments = json_array() };
	struct index *ix;

	(void)state;
	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_put(ix, id, &plan, &none), 0);
	assert_lists(ix, expected);
	assert_int_equal(index_put(ix, id, &plan, &none), 0);
	assert_lists(ix, expected);
	assert_query("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM kernel),"
		     " (SELECT count(*) FROM cell), (SELECT count(*) FROM sample)", "1|1|2|0\n");
	assert_int_equal(index_remove(ix, "unknown"), 0);
	assert_lists(ix, expected);
	assert_int_equal(index_remove(ix, id), 0);
	assert_lists(ix, "");
	assert_query("SELECT (SELECT count(*) FROM kernel), (SELECT count(*) FROM cell)", "0|0\n");
	index_close(ix);
	samples_release(&none);
	free(expected);
	free(id);
}

static int stop_at_once(const struct index_row *row, void *data)
{
	(void)row;
	++*(int *)data;
	return 42;
}

static void a_listing_ends_when_told(void **state)
{
	char *first = make_run(0), *second = make_run(0);
	struct index *ix;
	int calls = 0;

	(void)state;
	assert_int_equal(index_open(&ix, results), 0);
	assert_int_equal(index_list(ix, stop_at_once, &calls), 42);
	assert_int_equal(calls, 1);
	index_close(ix);
	free(first);
	free(second);
}

static void a_refresh_sees_runs_come_grow_and_go(void **state)
{
	char *first = make_run(12), *second, *expected, *path;
	struct buf line = BUF_INIT;
	struct index *ix;

	(void)state;
	assert_int_equal(index_open(&ix, results), 0);
	second = make_run(1);
	assert_int_equal(index_refresh(ix), 0);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n%s reads 6.12.1 2 2 1/12\n", first, second);
	assert_lists(ix, expected);
	free(expected);
	sample_text(&line, cells[0].name, "running", 0, 1);
	append_to(second, line.s);
	scratch_remove(path = xasprintf("%s/%s", results, first));
	assert_int_equal(index_refresh(ix), 0);
	expected = xasprintf("%s reads 6.12.1 2 2 2/12\n", second);
	assert_lists(ix, expected);
	index_close(ix);
	buf_release(&line);
	free(expected);
	free(second);
	free(first);
	free(path);
}

static void a_damaged_run_is_said_and_left_out(void **state)
{
	char *good = make_run(12), *bad = make_run(3), *worse = make_run(3), *worst = make_run(0), *expected, *path;
	const char *said;
	struct index *ix;
	size_t runs;

	(void)state;
	assert_int_equal(index_open(&ix, results), 0);
	append_to(bad, "{\"kind\":\"sample\"}");
	path = xasprintf("%s/%s/plan.json", results, worse);
	scratch_write(path, "{\"job\":", 7);
	free(path);
	path = xasprintf("%s/%s/plan.json", results, worst);
	scratch_write(path, "[]\n", 3);
	free(path);
	index_close(ix);
	scratch_listen();
	assert_int_equal(index_rebuild(results, &runs), 0);
	said = scratch_heard();
	assert_says(said, "samples.jsonl:5: schema: missing or not 1; this run is left out of the index");
	assert_says(said, worse);
	assert_says(said, worst);
	assert_int_equal(runs, 1);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", good);
	open_and_list(expected);
	free(expected);
	free(worst);
	free(worse);
	free(good);
	free(bad);
}

static void junk_in_the_results_directory_is_passed_over(void **state)
{
	static const char *const name[] = { "2026-01-01T00-00-00-file", "notes.txt", ".hidden", "index.db.bak" };
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *path;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		path = xasprintf("%s/%s", results, name[i]);
		scratch_write(path, "junk", 4);
		free(path);
	}
	path = xasprintf("%s/2026-01-01T00-00-00-dir", results);
	mkdir(path, 0777);
	free(path);
	path = xasprintf("%s/%s/junk.bin", results, id);
	scratch_write(path, "\0\1\2", 3);
	free(path);
	assert_string_equal(open_and_list(expected), "");
	free(expected);
	free(id);
}

/* Files that cannot be read as an index */

static void random_bytes(const char *path, size_t len)
{
	struct buf b = BUF_INIT;
	unsigned seed = 7;

	while (len--)
		buf_ch(&b, (char)rand_r(&seed));
	scratch_write(path, buf_text(&b), b.len);
	buf_release(&b);
}

static void overwrite(const char *path, size_t at, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	while (len--)
		assert_int_equal(pwrite(fd, "\xa5", 1, (off_t)at++), 1);
	close(fd);
}

static void an_unreadable_index_is_rebuilt(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *db = db_path("");
	struct stat st;
	int kind;

	(void)state;
	for (kind = 0; kind < 7; kind++) {
		open_and_list(expected);
		assert_int_equal(stat(db, &st), 0);
		switch (kind) {
		case 0:
			random_bytes(db, 10000);
			break;
		case 1:
			scratch_write(db, "", 0);
			break;
		case 2:
			assert_int_equal(truncate(db, st.st_size / 2 / 4096 * 4096), 0);
			break;
		case 3:
			assert_int_equal(truncate(db, st.st_size - 1000), 0);
			break;
		case 4:
			overwrite(db, 4096, 4096);
			break;
		case 5:
			overwrite(db, (size_t)st.st_size - 4096, 8);
			break;
		case 6:
			scratch_write(db, "SQLite format 3", 16);
			break;
		}
		assert_says(open_and_list(expected), "index.db: damaged; making it anew from the runs");
		assert_string_equal(open_and_list(expected), "");
	}
	free(db);
	free(expected);
	free(id);
}

/* The file header, byte by byte: rebuilt or harmless, never an error or a wrong list. */
/* What was made sure of is not read through again, until somebody writes to it. */
static void a_sound_index_is_known_by_its_seal(void **state)
{
	char *id = make_run(12), *lock = xasprintf("%s/index.lock", results), *path = db_path("");
	char *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);
	struct buf seal = BUF_INIT, again = BUF_INIT;
	struct stat st;

	(void)state;
	open_and_list(expected);
	assert_int_equal(buf_read_file(&seal, lock), 0);
	open_and_list(expected);
	assert_int_equal(buf_read_file(&again, lock), 0);
	assert_string_equal(buf_text(&seal), buf_text(&again));
	assert_int_equal(stat(path, &st), 0);
	overwrite(path, 4096, (size_t)st.st_size - 4096);	/* of the same size as before, a moment later */
	assert_says(open_and_list(expected), "index.db: damaged; making it anew from the runs");
	buf_reset(&again);
	assert_int_equal(buf_read_file(&again, lock), 0);
	assert_string_not_equal(buf_text(&seal), buf_text(&again));
	scratch_write(lock, "7 7 7\n", 6);
	assert_string_equal(open_and_list(expected), "");
	buf_release(&seal);
	buf_release(&again);
	free(expected);
	free(lock);
	free(path);
	free(id);
}

static void a_turned_byte_in_the_header_never_hurts(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *db = db_path("");
	struct index *ix;
	size_t at;

	(void)state;
	for (at = 0; at < 108; at++) {
		open_and_list(expected);
		overwrite(db, at, 1);
		open_and_list(expected);
		assert_int_equal(index_open(&ix, results), 0);
		assert_int_equal(index_remove(ix, id), 0);	/* and it can be written */
		assert_int_equal(index_refresh(ix), 0);
		index_close(ix);
	}
	free(db);
	free(expected);
	free(id);
}

static void a_directory_in_its_place_is_moved_aside(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *db = db_path("");
	char *inside = db_path("/precious"), *aside = db_path(".old/precious"), *journal = db_path("-journal");

	(void)state;
	mkdir(db, 0777);
	scratch_write(inside, "x", 1);
	assert_says(open_and_list(expected), "index.db.old");
	assert_int_equal(access(aside, F_OK), 0);
	unlink(db);
	mkdir(db, 0777);
	mkdir(journal, 0777);
	assert_says(open_and_list(expected), "index.db.old-2");
	assert_int_equal(access(aside, F_OK), 0);
	assert_string_equal(open_and_list(expected), "");
	free(journal);
	free(aside);
	free(inside);
	free(db);
	free(expected);
	free(id);
}

static void anothers_database_is_moved_aside(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *aside = db_path(".old");

	(void)state;
	assert_query("CREATE TABLE theirs(x); SELECT 1", "1\n");
	assert_says(open_and_list(expected), "not an index");
	assert_int_equal(access(aside, F_OK), 0);
	assert_string_equal(open_and_list(expected), "");
	free(aside);
	free(expected);
	free(id);
}

static void another_version_is_rebuilt(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);

	(void)state;
	open_and_list(expected);
	assert_query("PRAGMA user_version = 99; DROP VIEW measured", "");
	assert_says(open_and_list(expected), "of another version; making it anew");
	assert_query("SELECT count(*) FROM measured", "12\n");
	free(expected);
	free(id);
}

/* A journal that a killed process left must not be played back into a new file. */
static void a_stale_journal_goes_with_its_database(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *db = db_path("");
	char *journal = db_path("-journal");

	(void)state;
	random_bytes(db, 8192);
	random_bytes(journal, 8192);
	open_and_list(expected);
	assert_string_equal(open_and_list(expected), "");
	assert_query("PRAGMA integrity_check", "ok\n");
	free(journal);
	free(db);
	free(expected);
	free(id);
}

/* Several processes, and processes that die */

static void many_processes_rebuild_put_and_list_at_once(void **state)
{
	enum { N = 6 };
	static char *id, *expected, *db;	/* static, as the children end without releasing them */
	static struct samples none;
	struct index *ix;
	pid_t pid[N];
	size_t runs;
	int i, round, status, bad = 0;

	(void)state;
	id = make_run(12);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);
	db = db_path("");
	none.environments = json_array();
	random_bytes(db, 5000);
	for (i = 0; i < N; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		err_verbosity(QUIET);
		for (round = 0; round < 5; round++) {
			if (i == 0 && index_rebuild(results, &runs))
				_exit(1);
			if (index_open(&ix, results))
				_exit(2);
			if (i % 2 ? index_put(ix, id, &plan, &none) : index_refresh(ix))
				_exit(3);
			index_close(ix);
		}
		_exit(0);
	}
	for (i = 0; i < N; i++)
		bad += waitpid(pid[i], &status, 0) != pid[i] || status;
	assert_int_equal(bad, 0);
	assert_int_equal(index_rebuild(results, &runs), 0);
	assert_string_equal(open_and_list(expected), "");
	samples_release(&none);
	free(db);
	free(expected);
	free(id);
}

/* In a child, as soon as the pipe is closed. 0: an index that is whole. */
static int open_on_signal(int wait, const char *expected)
{
	struct buf list = BUF_INIT;
	struct index *ix;
	char byte;
	int ret;

	err_verbosity(QUIET);
	if (read(wait, &byte, 1) || index_open(&ix, results))
		return 1;
	ret = index_list(ix, note, &list) || strcmp(buf_text(&list), expected) ? 2 : 0;
	index_close(ix);
	buf_release(&list);
	return ret;
}

static void many_processes_find_the_damage_at_once(void **state)
{
	enum { N = 6 };
	static char *id, *expected, *db;	/* static, as the children end without releasing them */
	int gate[2], round, status, bad = 0, i;
	pid_t pid[N];

	(void)state;
	id = make_run(12);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);
	db = db_path("");
	for (round = 0; round < 10; round++) {
		random_bytes(db, 5000);
		assert_int_equal(pipe(gate), 0);
		for (i = 0; i < N; i++) {
			pid[i] = fork();
			if (!pid[i]) {
				close(gate[1]);
				_exit(open_on_signal(gate[0], expected));
			}
		}
		close(gate[1]);
		for (i = 0; i < N; i++)
			bad += waitpid(pid[i], &status, 0) != pid[i] || status;
		close(gate[0]);
	}
	assert_int_equal(bad, 0);
	assert_string_equal(open_and_list(expected), "");
	free(db);
	free(expected);
	free(id);
}

static void rebuild_and_put_for_ever(const char *id, int ready)
{
	struct samples none = { .environments = json_array() };
	struct index *ix;
	size_t runs;

	err_verbosity(QUIET);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	for (;;) {
		if (index_rebuild(results, &runs) || index_open(&ix, results) || index_put(ix, id, &plan, &none) ||
		    index_put(ix, id, &plan, &none))
			_exit(1);
		index_close(ix);
	}
}

static void kill_9_at_any_moment_leaves_an_index_or_none(void **state)
{
	char *id = make_run(12), *expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id), *empty;
	struct buf list = BUF_INIT;
	struct index *ix;
	unsigned seed = 3;
	int ready[2], round, status;
	char byte;
	pid_t pid;

	(void)state;
	empty = xasprintf("%s reads - 2 2 0/12\n", id);
	assert_int_equal(pipe(ready), 0);
	for (round = 0; round < 25; round++) {
		pid = fork();
		if (!pid)
			rebuild_and_put_for_ever(id, ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		usleep((useconds_t)rand_r(&seed) % 30000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, SIGKILL);
		buf_reset(&list);
		scratch_listen();
		assert_int_equal(index_open(&ix, results), 0);
		scratch_heard();
		assert_int_equal(index_list(ix, note, &list), 0);
		assert_true(!strcmp(buf_text(&list), expected) || !strcmp(buf_text(&list), empty));
		index_close(ix);
		assert_query("PRAGMA integrity_check", "ok\n");
	}
	close(ready[0]);
	close(ready[1]);
	buf_release(&list);
	free(empty);
	free(expected);
	free(id);
}

/* Directories that cannot be written */

static void mount_small(const char *options)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", results, "tmpfs", 0, options)) {
		print_message("skipped: cannot mount a tmpfs: %s\n", strerror(errno));
		skip();
	}
}

static void a_read_only_directory_is_said(void **state)
{
	struct index *ix;
	const char *said;
	char *id;
	int round;

	(void)state;
	mount_small("size=1m");
	id = make_run(12);
	for (round = 0; round < 2; round++) {	/* without an index, then with one */
		assert_int_equal(mount("none", results, "", MS_REMOUNT | MS_RDONLY, NULL), 0);
		scratch_listen();
		assert_int_equal(index_open(&ix, results), -1);
		said = scratch_heard();
		assert_null(ix);
		assert_says(said, "Read-only file system");
		assert_says(said, "the runs are untouched");
		assert_int_equal(mount("none", results, "", MS_REMOUNT, NULL), 0);
		assert_int_equal(index_open(&ix, results), 0);
		index_close(ix);
	}
	umount(results);
	free(id);
}

static void a_full_disk_is_said_and_costs_no_run(void **state)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct index *ix;
	const char *said;
	struct run r;
	char *id, *fill, *expected, *db;
	int fd;

	(void)state;
	mount_small("size=512k");	/* may skip: nothing is owned before */
	db = db_path("");
	id = make_run(12);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);
	assert_int_equal(run_open(&r, results, id), 0);
	assert_int_equal(run_read_file(&r, "samples.jsonl", &before), 0);
	fill = xasprintf("%s/fill", results);
	fd = open(fill, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	while (write(fd, "0123456789abcdef", 16) > 0)
		;
	close(fd);
	scratch_listen();
	assert_int_equal(index_open(&ix, results), -1);
	said = scratch_heard();
	assert_says(said, "no room on the disk");
	assert_says(said, "the runs are untouched; make room, then `foliogate results reindex`");
	assert_int_equal(access(db, F_OK), -1);		/* no half of an index */
	assert_int_equal(run_read_file(&r, "samples.jsonl", &after), 0);
	assert_string_equal(buf_text(&after), buf_text(&before));
	unlink(fill);
	open_and_list(expected);
	run_close(&r);
	umount(results);
	buf_release(&before);
	buf_release(&after);
	free(db);
	free(expected);
	free(fill);
	free(id);
}

static int open_below_limit(void)
{
	struct rlimit limit = { 8192, 8192 };
	struct index *ix;

	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 2;
	return index_open(&ix, results) == -1 ? 0 : 3;
}

static void a_file_size_limit_is_an_error_and_not_the_end(void **state)
{
	static char *id, *expected;		/* static, as the child ends without releasing them */
	const char *said;
	int status;
	pid_t pid;

	(void)state;
	id = make_run(12);
	expected = xasprintf("%s reads 6.12.1 2 2 12/12\n", id);
	scratch_listen();
	pid = fork();
	if (!pid)
		_exit(open_below_limit());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	said = scratch_heard();
	assert_int_equal(status, 0);
	assert_says(said, "a limit on file sizes (`ulimit -f`)");
	assert_says(said, "the runs are untouched");
	open_and_list(expected);
	free(expected);
	free(id);
}

static void a_missing_directory_is_said(void **state)
{
	char *missing = xasprintf("%s/missing", results);
	struct index *ix;

	(void)state;
	scratch_listen();
	assert_int_equal(index_open(&ix, missing), -1);
	assert_says(scratch_heard(), "No such file or directory");
	free(missing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_index_takes_in_the_runs_there_are),
		TEST(an_empty_directory_has_an_empty_index),
		TEST(a_run_that_a_kernel_in_trouble_ended_has_its_verdict),
		TEST(a_run_has_the_verdict_that_stands_beside_its_samples),
		TEST(a_run_of_counts_alone_is_complete_once_every_cell_is_counted),
		TEST(values_are_in_base_units),
		TEST(rates_of_emulation_are_not_to_be_had),
		TEST(what_the_plan_lacks_is_not_counted),
		TEST(put_replaces_all_that_was_known),
		TEST(a_listing_ends_when_told),
		TEST(a_refresh_sees_runs_come_grow_and_go),
		TEST(a_damaged_run_is_said_and_left_out),
		TEST(junk_in_the_results_directory_is_passed_over),
		TEST(an_unreadable_index_is_rebuilt),
		TEST(a_sound_index_is_known_by_its_seal),
		TEST(a_turned_byte_in_the_header_never_hurts),
		TEST(a_directory_in_its_place_is_moved_aside),
		TEST(anothers_database_is_moved_aside),
		TEST(another_version_is_rebuilt),
		TEST(a_stale_journal_goes_with_its_database),
		TEST(many_processes_rebuild_put_and_list_at_once),
		TEST(many_processes_find_the_damage_at_once),
		TEST(kill_9_at_any_moment_leaves_an_index_or_none),
		TEST(a_read_only_directory_is_said),
		TEST(a_full_disk_is_said_and_costs_no_run),
		TEST(a_file_size_limit_is_an_error_and_not_the_end),
		TEST(a_missing_directory_is_said),
	};
	int failed;
	size_t i;

	for (i = 0; i < NCELLS; i++)
		cell_id(cells[i].name, cells[i].id);
	scratch_begin();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	scratch_end();
	buf_release(&scratch_ear.text);
	return failed;
}
