/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/commands/lineup.h"

#include <stdlib.h>
#include <string.h>

#include "harness/commands/interrupt.h"
#include "harness/commands/ready.h"
#include "harness/guest/disk.h"
#include "harness/guest/guest.h"
#include "harness/guest/machine.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/patch.h"
#include "harness/plan/plan.h"
#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"

static enum accel parse_accel(const char *name)
{
	enum accel a;

	for (a = ACCEL_AUTO; a <= ACCEL_TCG_MULTI; a++)
		if (!strcmp(accel_name(a), name))
			return a;
	BUG("accelerator '%s' in a plan", name);
}

static char *join_cmdline(const char *guest, const char *own)
{
	if (guest && own)
		return xasprintf("%s %s", guest, own);
	return xstrdup(guest ? guest : own);
}

static void make_shape(struct lineup *l, const struct plan *plan, size_t i)
{
	const struct plan_guest *g = &plan->guest;
	struct shape *s = &l->shape[i];
	size_t k;

	l->cmdline[i] = join_cmdline(g->cmdline, plan->kernel[i].cmdline);
	*s = (struct shape){
		.arch = l->spec[i].arch, .accel = parse_accel(g->accel), .cpus = g->cpus,
		.memory = g->memory, .cmdline = l->cmdline[i],
		.disk = strcmp(g->disk, "virtio") ? DISK_RAM : DISK_VIRTIO, .disk_size = g->disk_size,
		.overcommit = g->overcommit, .huge_pages = g->huge_pages, .numa_node = g->numa_node,
	};
	for (k = 0; k < l->nfs; k++)
		s->fs[k] = l->fs[k];
	s->nfs = l->nfs;
}

/* "mm: do it faster", with "reverse: " before it; a file's name where a patch has no title. */
static void add_title(json_t *titles, const struct series *s, const struct patch *p)
{
	const char *title = p->subject && *p->subject ? p->subject : s->name;
	char *text = xasprintf("%s%s", s->reverse ? "reverse: " : "", title);

	json_array_append_new(titles, json_text(text));
	free(text);
}

/* Whose change it is, and which: reports name its author, answer its mail and hash its set. */
static void add_patch_file(json_t *files, const struct spec_patch *file, const struct patch *p)
{
	json_t *o = json_object();
	char hex[65];

	cache_sha256(p->diff, p->len, hex);
	json_put(o, "name", json_text(file->path));
	json_put(o, "subject", json_text(p->subject));
	json_put(o, "author", json_text(p->author));
	json_put(o, "message_id", json_text(p->message_id));
	json_put(o, "sha256", json_text(hex));
	json_put(o, "reverse", json_boolean(file->reverse));
	json_array_append_new(files, o);
}

/* Patches that are no patches are found before hours are spent. */
static int check_patches(struct lineup *l, size_t kernel)
{
	const struct spec *spec = &l->spec[kernel];
	struct series series;
	int ret = 0;
	size_t i, k;

	for (i = 0; i < spec->npatches && !ret; i++) {
		ret = series_parse(&spec->patch[i], &series);
		for (k = 0; k < series.n && !ret; k++) {
			add_title(l->patches[kernel], &series, &series.patch[k]);
			add_patch_file(l->patch_files[kernel], &spec->patch[i], &series.patch[k]);
		}
		series_release(&series);
	}
	return ret;
}

static void give_piped(struct spec *spec, const char *piped)
{
	size_t i;

	for (i = 0; i < spec->npatches; i++)
		if (!strcmp(spec->patch[i].path, "-") && !spec->patch[i].text) {
			spec->patch[i].text = xstrdup(piped);
			spec->patch[i].len = strlen(piped);
		}
}

static int load_one(struct lineup *l, const struct plan *plan, size_t i, const char *piped)
{
	const struct plan_kernel *k = &plan->kernel[i];
	struct spec *spec = &l->spec[i];
	size_t p;

	if (spec_load(k->spec, spec))
		return -1;
	for (p = 0; p < k->npatches; p++)
		spec_add_patch(spec, k->patch[p].path, k->patch[p].reverse);
	if (spec->kind == SOURCE_IMAGE && spec->npatches)
		return err("kernel '%s': %s is a ready image: patches need a source", k->name,
			   spec->from);
	if (i && spec->arch != l->spec[0].arch)
		return err("kernel '%s' is for %s, '%s' for %s: two architectures cannot be compared",
			   plan->kernel[0].name, arch_name(l->spec[0].arch), k->name,
			   arch_name(spec->arch));
	if (piped || lineup_piped(l))
		give_piped(spec, piped ? piped : lineup_piped(l));
	if (spec_load_patches(spec) || check_patches(l, i))
		return -1;
	make_shape(l, plan, i);
	return 0;
}

static int find_file_systems(struct lineup *l, const struct plan *plan)
{
	const char *fs[SHAPE_FS_MAX];
	size_t n = plan_file_systems(plan, fs, SHAPE_FS_MAX), i;
	struct buf why = BUF_INIT;

	if (n > SHAPE_FS_MAX)
		return err("the cells need %zu file systems; a guest has %d at most", n,
			   SHAPE_FS_MAX);
	for (i = 0; i < n; i++)
		if (disk_mkfs_program(fs[i]) && disk_fits(fs[i], plan->guest.disk_size, &why)) {
			err("guest.disk_size: %s", buf_text(&why));
			buf_release(&why);
			return -1;
		}
	l->fs = xcalloc(n + 1, sizeof(l->fs[0]));
	for (l->nfs = 0; l->nfs < n; l->nfs++)
		l->fs[l->nfs] = xstrdup(fs[l->nfs]);
	return 0;
}

int lineup_load(struct lineup *l, const struct plan *plan, const char *piped)
{
	size_t i;

	*l = (struct lineup){ .n = plan->nkernels };
	l->spec = xcalloc(l->n, sizeof(l->spec[0]));
	l->kernel = xcalloc(l->n, sizeof(l->kernel[0]));
	l->shape = xcalloc(l->n, sizeof(l->shape[0]));
	l->cmdline = xcalloc(l->n, sizeof(l->cmdline[0]));
	l->patches = xcalloc(l->n, sizeof(l->patches[0]));
	l->patch_files = xcalloc(l->n, sizeof(l->patch_files[0]));
	for (i = 0; i < l->n; i++) {
		l->kernel[i].hold = -1;
		l->patches[i] = json_array();
		l->patch_files[i] = json_array();
	}
	if (find_file_systems(l, plan))
		return EXIT_USAGE;
	for (i = 0; i < l->n; i++)
		if (load_one(l, plan, i, piped))
			return EXIT_USAGE;
	return EXIT_ACCEPT;
}

const char *lineup_piped(const struct lineup *l)
{
	size_t i, p;

	for (i = 0; i < l->n; i++)
		for (p = 0; p < l->spec[i].npatches; p++)
			if (!strcmp(l->spec[i].patch[p].path, "-") && l->spec[i].patch[p].text)
				return l->spec[i].patch[p].text;
	return NULL;
}

/* Guests of one comparison run alike: where one of them must be emulated, all are. */
static int choose_accel(struct lineup *l)
{
	enum accel worst = ACCEL_KVM;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (accel_choose(&l->shape[i], &l->kernel[i], l->driver, &interrupted)) {
			if (interrupted)
				err("interrupted before the first guest");
			return EXIT_CANNOT;
		}
		if (l->shape[i].accel != ACCEL_KVM)
			worst = l->shape[i].accel;
	}
	for (i = 0; i < l->n; i++)
		l->shape[i].accel = worst;
	l->emulated = worst != ACCEL_KVM;
	return EXIT_ACCEPT;
}

void lineup_emulate(struct lineup *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		l->shape[i].accel = ACCEL_TCG;
}

int lineup_build(struct lineup *l, const struct plan *plan, const char *driver)
{
	enum arch arch = l->spec[0].arch;
	int ret = EXIT_ACCEPT;
	size_t i;

	l->driver = arch == arch_host() ? xstrdup(driver) : machine_driver_for(arch);
	if (!l->driver)
		return EXIT_CANNOT;
	for (i = 0; i < l->n && ret == EXIT_ACCEPT; i++) {
		ret = ready_kernel(&l->spec[i], plan->kernel[i].rebuild, &l->kernel[i]);
		/* two of them may be of one spec: in messages each goes by its name in the job */
		free(l->kernel[i].name);
		l->kernel[i].name = xstrdup(plan->kernel[i].name);
	}
	return ret == EXIT_ACCEPT ? choose_accel(l) : ret;
}

void lineup_release(struct lineup *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		spec_release(&l->spec[i]);
		kernel_release(&l->kernel[i]);
		free(l->cmdline[i]);
		json_decref(l->patches[i]);
		json_decref(l->patch_files[i]);
	}
	for (i = 0; i < l->nfs; i++)
		free(l->fs[i]);
	free(l->fs);
	free(l->driver);
	free(l->patches);
	free(l->patch_files);
	free(l->spec);
	free(l->kernel);
	free(l->shape);
	free(l->cmdline);
	*l = (struct lineup){ 0 };
}
