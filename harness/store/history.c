/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/store/history.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/plan/plan.h"
#include "harness/store/db.h"
#include "harness/store/index.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"

/* Putting */

/* A key by what is unique of its row, which is bound already: made by the first statement if it was not there. */
static int key_of(struct db *db, sqlite3_stmt *insert, sqlite3_stmt *select, int64_t *key)
{
	int ret = -1, more;

	if (insert && select && !db_step(db, insert) && (more = db_next(db, select)) >= 0) {
		*key = more ? sqlite3_column_int64(select, 0) : 0;
		ret = 0;
	}
	sqlite3_finalize(insert);
	sqlite3_finalize(select);
	return ret;
}

static int put_machine(struct db *db, const json_t *environment, int64_t *key)
{
	sqlite3_stmt *insert = db_prepare(db, "INSERT OR IGNORE INTO machine VALUES(NULL, ?, ?)"),
		     *select = db_prepare(db, "SELECT machine FROM machine WHERE id = ?");
	struct buf name = BUF_INIT, facts = BUF_INIT;
	char id[CELL_ID_LEN + 1];
	int ret;

	nightly_machine(environment, &name);
	nightly_machine_facts(environment, &facts);
	cell_id(buf_text(&facts), id);
	if (insert && select) {
		db_bind_text(insert, 1, id);
		db_bind_text(insert, 2, buf_text(&name));
		db_bind_text(select, 1, id);
	}
	ret = key_of(db, insert, select, key);
	buf_release(&name);
	buf_release(&facts);
	return ret;
}

static void bind_lineup(sqlite3_stmt *s, const struct history_put *h, int64_t machine, const char *cells)
{
	if (!s)
		return;
	sqlite3_bind_int64(s, 1, machine);
	db_bind_text(s, 2, h->plan->job);
	db_bind_text(s, 3, h->plan->kernel[h->kernel].name);
	db_bind_text(s, 4, cells);
}

static int put_lineup_cells(struct db *db, const struct plan *plan, int64_t lineup)
{
	sqlite3_stmt *s = db_prepare(db, "INSERT OR IGNORE INTO lineup_cell VALUES(?, ?, ?, ?)");
	int ret = s ? 0 : -1;
	size_t i;

	for (i = 0; !ret && i < plan->ncells; i++) {
		sqlite3_bind_int64(s, 1, lineup);
		db_bind_number(s, 2, i);
		db_bind_text(s, 3, plan->cell[i].id);
		db_bind_text(s, 4, plan->cell[i].name);
		ret = db_step(db, s);
	}
	sqlite3_finalize(s);
	return ret;
}

static int put_lineup(struct db *db, const struct history_put *h, int64_t *key)
{
	sqlite3_stmt *insert, *select;
	struct buf ids = BUF_INIT;
	char cells[CELL_ID_LEN + 1];
	int64_t machine;
	size_t i;

	if (put_machine(db, h->environment, &machine))
		return -1;
	for (i = 0; i < h->plan->ncells; i++)
		buf_str(&ids, h->plan->cell[i].id);
	cell_id(buf_text(&ids), cells);
	buf_release(&ids);
	insert = db_prepare(db, "INSERT OR IGNORE INTO lineup VALUES(NULL, ?, ?, ?, ?)");
	select = db_prepare(
		db, "SELECT lineup FROM lineup WHERE machine = ? AND job = ? AND kernel = ? AND cells = ?");
	bind_lineup(insert, h, machine, cells);
	bind_lineup(select, h, machine, cells);
	if (key_of(db, insert, select, key))
		return -1;
	return put_lineup_cells(db, h->plan, *key);
}

/* Seconds since 1970, or -1. */
static int64_t time_of(const struct history_put *h)
{
	const char *at = h->environment ? json_get_text(h->environment, "at") : NULL, *end;
	struct tm tm = { 0 };

	if (h->at >= 0)
		return h->at;
	end = at ? strptime(at, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	return end && !*end ? timegm(&tm) : -1;
}

static void pack(const double *value, size_t n, uint64_t *packed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&packed[i], &value[i], sizeof(packed[i]));
		packed[i] = htole64(packed[i]);
	}
}

static int put_nights(struct db *db, const struct history_put *h, int64_t lineup, int64_t at)
{
	const size_t n = h->plan->ncells;
	sqlite3_stmt *s = db_prepare(db, "INSERT OR REPLACE INTO night VALUES(?, ?, ?, ?, ?, ?)");
	double *value = xcalloc(n + 1, sizeof(*value));
	uint64_t *packed = xcalloc(n + 1, sizeof(*packed));
	int ret = s ? 0 : -1;
	size_t m;

	for (m = 0; !ret && m < NIGHTLY_METRICS; m++) {
		if (!nightly_values(h->plan, h->samples, h->kernel, m, value))
			continue;
		pack(value, n, packed);
		sqlite3_bind_int64(s, 1, lineup);
		db_bind_text(s, 2, nightly_metric(m).name);
		sqlite3_bind_int64(s, 3, at);
		sqlite3_bind_int64(s, 4, h->run);
		sqlite3_bind_int64(s, 5, h->kernel_key);
		sqlite3_bind_blob(s, 6, packed, (int)(n * sizeof(*packed)), SQLITE_STATIC);
		ret = db_step(db, s);
	}
	sqlite3_finalize(s);
	free(packed);
	free(value);
	return ret;
}

int history_put(struct db *db, const struct history_put *h)
{
	int64_t lineup, at = time_of(h);

	if (at < 0)
		return 0;
	return put_lineup(db, h, &lineup) || put_nights(db, h, lineup, at) ? -1 : 0;
}

/* Asking */

struct history_texts {
	char **text;
	size_t n;
};

/* A string of the history's own. */
static const char *keep(struct history *h, const char *text)
{
	struct history_texts *t = h->texts;

	if (!*text)
		return "";
	if (!(t->n & (t->n - 1)))
		t->text = xrealloc(t->text, 2 * t->n + 1, sizeof(t->text[0]));
	return t->text[t->n++] = xstrdup(text);
}

struct cell_of_lineup {
	const char *id, *name;
	bool wanted;
};

struct lineup {
	int64_t key;
	const char *machine, *machine_id, *job, *kernel;
	struct cell_of_lineup *cell;
	size_t ncells;
};

/* Keys of rows, ascending; a place in one of these is the place in struct history. */
struct keys {
	int64_t *key;
	size_t n;
};

struct loading {
	struct db *db;
	const struct history_filter *filter;
	struct history *h;
	struct lineup *lineup;
	size_t nlineups;
	struct keys runs, kernels;
	size_t *capacity;	/* of each series' points */
};

static bool fits(const char *wanted, const char *text)
{
	return !wanted || !strcmp(wanted, text);
}

static bool fits_part(const char *wanted, const char *name, const char *id)
{
	return !wanted || strcasestr(name, wanted) || !strncmp(id, wanted, strlen(wanted));
}

/* Is a word one of a name's? "block=1" is not in "block=16k". */
static bool has_word(const char *name, const char *word, size_t len)
{
	for (; *name; name += strcspn(name, " ") + (name[strcspn(name, " ")] != '\0'))
		if (strcspn(name, " ") == len && !memcmp(name, word, len))
			return true;
	return false;
}

/* Every word of `wanted`: whole where it says what a parameter is, else any part of the name. */
static bool fits_cell(const char *wanted, const char *name, const char *id)
{
	char *copy, *rest, *word;
	bool fit = true;

	if (!wanted || !strncmp(id, wanted, strlen(wanted)))
		return true;
	rest = copy = xstrdup(wanted);
	while (fit && (word = strsep(&rest, " ")))
		fit = strchr(word, '=') ? has_word(name, word, strlen(word)) : strcasestr(name, word) != NULL;
	free(copy);
	return fit;
}

static void add_key(struct keys *keys, int64_t key)
{
	if (!(keys->n & (keys->n - 1)))
		keys->key = xrealloc(keys->key, 2 * keys->n + 1, sizeof(keys->key[0]));
	keys->key[keys->n++] = key;
}

static int by_key(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t place_of(const struct keys *keys, int64_t key)
{
	const int64_t *found = bsearch(&key, keys->key, keys->n, sizeof(key), by_key);

	return found ? (uint32_t)(found - keys->key) : 0;
}

static int load_runs(struct loading *l)
{
	sqlite3_stmt *s = db_prepare(l->db, "SELECT run, id FROM run ORDER BY run");
	int ret = s ? 1 : -1;

	while (ret == 1 && (ret = db_next(l->db, s)) == 1) {
		add_key(&l->runs, sqlite3_column_int64(s, 0));
		if (!(l->h->nruns & (l->h->nruns - 1)))
			l->h->run = xrealloc(l->h->run, 2 * l->h->nruns + 1, sizeof(l->h->run[0]));
		l->h->run[l->h->nruns++] = xstrdup(db_text(s, 1));
	}
	sqlite3_finalize(s);
	return ret;
}

static int load_revisions(struct loading *l)
{
	sqlite3_stmt *s = db_prepare(
		l->db, "SELECT kernel, release, build_id, source, patches FROM kernel ORDER BY kernel");
	struct history *h = l->h;
	int ret = s ? 1 : -1;

	while (ret == 1 && (ret = db_next(l->db, s)) == 1) {
		add_key(&l->kernels, sqlite3_column_int64(s, 0));
		if (!(h->nrevisions & (h->nrevisions - 1)))
			h->revision = xrealloc(h->revision, 2 * h->nrevisions + 1, sizeof(h->revision[0]));
		h->revision[h->nrevisions++] = (struct history_revision){
			.release = keep(h, db_text(s, 1)), .build_id = keep(h, db_text(s, 2)),
			.source = keep(h, db_text(s, 3)), .patches = keep(h, db_text(s, 4)),
		};
	}
	sqlite3_finalize(s);
	return ret;
}

static int load_without(struct loading *l)
{
	sqlite3_stmt *s = db_prepare(l->db, "SELECT count(*) FROM run WHERE NOT EXISTS"
					    " (SELECT 1 FROM night WHERE night.run = run.run)");
	int more = s ? db_next(l->db, s) : -1;

	if (more == 1)
		l->h->without = (size_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return more < 0 ? -1 : 0;
}

/* Those of the wanted machines, jobs and kernels. */
static int load_lineups(struct loading *l)
{
	sqlite3_stmt *s = db_prepare(l->db, "SELECT lineup, machine.id, name, job, kernel FROM lineup"
					    " JOIN machine USING(machine) ORDER BY lineup");
	const struct history_filter *f = l->filter;
	int ret = s ? 1 : -1;

	while (ret == 1 && (ret = db_next(l->db, s)) == 1) {
		if (!fits_part(f->machine, db_text(s, 2), db_text(s, 1)) || !fits(f->job, db_text(s, 3)) ||
		    !fits(f->kernel, db_text(s, 4)))
			continue;
		l->lineup = xrealloc(l->lineup, l->nlineups + 1, sizeof(l->lineup[0]));
		l->lineup[l->nlineups++] = (struct lineup){
			.key = sqlite3_column_int64(s, 0), .machine_id = keep(l->h, db_text(s, 1)),
			.machine = keep(l->h, db_text(s, 2)), .job = keep(l->h, db_text(s, 3)),
			.kernel = keep(l->h, db_text(s, 4)),
		};
	}
	sqlite3_finalize(s);
	return ret;
}

static int load_cells(struct loading *l, struct lineup *u)
{
	sqlite3_stmt *s = db_prepare(l->db, "SELECT id, name FROM lineup_cell WHERE lineup = ? ORDER BY place");
	struct cell_of_lineup *cell;
	int ret = s ? 1 : -1;

	if (s)
		sqlite3_bind_int64(s, 1, u->key);
	while (ret == 1 && (ret = db_next(l->db, s)) == 1) {
		u->cell = xrealloc(u->cell, u->ncells + 1, sizeof(u->cell[0]));
		cell = &u->cell[u->ncells++];
		*cell = (struct cell_of_lineup){ keep(l->h, db_text(s, 0)), keep(l->h, db_text(s, 1)), false };
		cell->wanted = fits_cell(l->filter->cell, cell->name, cell->id);
	}
	sqlite3_finalize(s);
	return ret;
}

static bool is_same(const struct history_series *s, const struct lineup *u, size_t cell, const char *metric)
{
	return !strcmp(s->metric.name, metric) && !strcmp(s->cell_id, u->cell[cell].id) &&
	       !strcmp(s->kernel, u->kernel) && !strcmp(s->job, u->job) && !strcmp(s->machine_id, u->machine_id);
}

/* The series of a cell; `from`: those of this metric begin there. Series of other lineups go on in it. */
static size_t find_series(struct loading *l, const struct lineup *u, size_t cell, struct nightly_metric metric,
			  size_t from)
{
	struct history *h = l->h;
	size_t i;

	for (i = from; i < h->n; i++)
		if (is_same(&h->series[i], u, cell, metric.name))
			return i;
	h->series = xrealloc(h->series, h->n + 1, sizeof(h->series[0]));
	l->capacity = xrealloc(l->capacity, h->n + 1, sizeof(l->capacity[0]));
	l->capacity[h->n] = 0;
	h->series[h->n] = (struct history_series){
		.metric = metric, .machine = u->machine, .machine_id = u->machine_id, .job = u->job,
		.kernel = u->kernel, .cell = u->cell[cell].name, .cell_id = u->cell[cell].id,
	};
	return h->n++;
}

static void add_point(struct loading *l, size_t series, const struct history_point *point)
{
	struct history_series *s = &l->h->series[series];

	if (s->n == l->capacity[series]) {
		l->capacity[series] = s->n ? 2 * s->n : 64;
		s->point = xrealloc(s->point, l->capacity[series], sizeof(s->point[0]));
	}
	s->point[s->n++] = *point;
}

static double unpack(const unsigned char *at)
{
	uint64_t bits;
	double value;

	memcpy(&bits, at, sizeof(bits));
	bits = le64toh(bits);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* One night: a number for each cell. */
static void take_night(struct loading *l, sqlite3_stmt *s, const struct lineup *u, size_t *series)
{
	const unsigned char *packed = sqlite3_column_blob(s, 3);
	size_t n = (size_t)sqlite3_column_bytes(s, 3) / sizeof(double), i;
	struct history_point point = {
		.at = sqlite3_column_int64(s, 0), .run = place_of(&l->runs, sqlite3_column_int64(s, 1)),
		.revision = place_of(&l->kernels, sqlite3_column_int64(s, 2)),
	};

	for (i = 0; i < n && i < u->ncells; i++) {
		point.value = unpack(packed + i * sizeof(double));
		if (u->cell[i].wanted && isfinite(point.value))
			add_point(l, series[i], &point);
	}
}

static int load_metric(struct loading *l, struct lineup *u, struct nightly_metric metric, size_t from)
{
	sqlite3_stmt *s = db_prepare(l->db, "SELECT at, run, kernel, value FROM night"
					    " WHERE lineup = ? AND metric = ? AND at >= ? ORDER BY at, run");
	size_t *series = xcalloc(u->ncells + 1, sizeof(*series)), i;
	bool begun = false;
	int ret = s ? 1 : -1;

	if (s) {
		sqlite3_bind_int64(s, 1, u->key);
		db_bind_text(s, 2, metric.name);
		sqlite3_bind_int64(s, 3, l->filter->since);
	}
	while (ret == 1 && (ret = db_next(l->db, s)) == 1) {
		for (i = 0; i < u->ncells && !begun; i++)
			if (u->cell[i].wanted)
				series[i] = find_series(l, u, i, metric, from);
		begun = true;
		take_night(l, s, u, series);
	}
	sqlite3_finalize(s);
	free(series);
	return ret;
}

static int by_time(const void *va, const void *vb)
{
	const struct history_point *a = va, *b = vb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->run > b->run) - (a->run < b->run);
}

/* Lineups come one after the other, nights may not; and a cell may never have had a number. */
static void tidy(struct history *h)
{
	struct history_series *s;
	size_t i, kept = 0;

	for (s = h->series; s < h->series + h->n; s++) {
		for (i = 1; i < s->n && by_time(&s->point[i - 1], &s->point[i]) <= 0; i++)
			;
		if (i < s->n)
			qsort(s->point, s->n, sizeof(s->point[0]), by_time);
		if (s->n)
			h->series[kept++] = *s;
	}
	h->n = kept;
}

static int load_series(struct loading *l)
{
	struct nightly_metric metric;
	size_t m, i, from;
	int ret = 0;

	for (i = 0; !ret && i < l->nlineups; i++)
		ret = load_cells(l, &l->lineup[i]);
	for (m = 0; !ret && m < NIGHTLY_METRICS; m++) {
		metric = nightly_metric(m);
		from = l->h->n;
		for (i = 0; !ret && fits(l->filter->metric, metric.name) && i < l->nlineups; i++)
			ret = load_metric(l, &l->lineup[i], metric, from);
	}
	tidy(l->h);
	return ret;
}

int history_load(struct index *ix, const struct history_filter *filter, struct history *h)
{
	struct loading l = { .db = index_db(ix), .filter = filter, .h = h };
	size_t i;
	int ret = -1;

	*h = (struct history){ .texts = xcalloc(1, sizeof(*h->texts)) };
	if (!load_runs(&l) && !load_revisions(&l) && !load_without(&l) && !load_lineups(&l))
		ret = load_series(&l);
	for (i = 0; i < l.nlineups; i++) {
		free(l.lineup[i].cell);
	}
	free(l.lineup);
	free(l.runs.key);
	free(l.kernels.key);
	free(l.capacity);
	return ret;
}

void history_release(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		free(h->series[i].point);
	for (i = 0; i < h->nruns; i++)
		free(h->run[i]);
	for (i = 0; h->texts && i < h->texts->n; i++)
		free(h->texts->text[i]);
	if (h->texts)
		free(h->texts->text);
	free(h->texts);
	free(h->series);
	free(h->run);
	free(h->revision);
}
