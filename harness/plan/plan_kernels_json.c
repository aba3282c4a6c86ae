/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In plan.json, where kernels are booted in guests:
 *
 *	"kernels":[{"name":"baseline","kernel":"6.12","patches":[],"cmdline":null},
 *		   {"name":"patched","kernel":"6.12","patches":[{"path":"/a/b.patch","reverse":false}],
 *		    "cmdline":"clearcpuid=smap"}],
 *	"guest":{"cpus":16,"memory":2147483648,"accel":"auto","disk":"ram","disk_size":1073741824,
 *		 "cmdline":null,"overcommit":false,"huge_pages":false,"numa_node":null},
 *	"emulated":false,
 *	"kernel_order":[[0,1],[1,0]]
 *
 * and "kernels":["running"] where the kernel that runs here is measured; older
 * plans have no more than that.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plan/field.h"
#include "harness/plan/job.h"
#include "harness/plan/plan.h"
#include "harness/plan/plan_kernels.h"
#include "lib/alloc.h"
#include "lib/buf.h"

static json_t *kernel_json(const struct plan_kernel *k)
{
	json_t *o, *patches = json_array(), *patch;
	size_t i;

	if (!k->spec) {
		json_decref(patches);
		return json_text(k->name);
	}
	for (i = 0; i < k->npatches; i++) {
		patch = json_object();
		json_put(patch, "path", json_text(k->patch[i].path));
		json_put(patch, "reverse", json_boolean(k->patch[i].reverse));
		json_array_append_new(patches, patch);
	}
	o = json_object();
	json_put(o, "name", json_text(k->name));
	json_put(o, "kernel", json_text(k->spec));
	json_put(o, "patches", patches);
	json_put(o, "cmdline", json_text(k->cmdline));
	if (k->rebuild)
		json_put(o, "rebuild", json_true());
	return o;
}

static json_t *guest_json(const struct plan_guest *g)
{
	json_t *o = json_object();

	json_put(o, "cpus", json_u64(g->cpus));
	json_put(o, "memory", json_u64(g->memory));
	json_put(o, "accel", json_text(g->accel));
	json_put(o, "disk", json_text(g->disk));
	json_put(o, "disk_size", json_u64(g->disk_size));
	json_put(o, "cmdline", json_text(g->cmdline));
	json_put(o, "overcommit", json_boolean(g->overcommit));
	json_put(o, "huge_pages", json_boolean(g->huge_pages));
	json_put(o, "numa_node", g->numa_node < 0 ? json_null() : json_integer(g->numa_node));
	return o;
}

static json_t *order_json(const struct plan *plan)
{
	json_t *all = json_array(), *one;
	uint32_t block;
	size_t i;

	for (block = 0; block < plan->blocks; block++) {
		one = json_array();
		for (i = 0; i < plan->nkernels; i++)
			json_array_append_new(one,
					      json_u64(plan->kernel_order[block * plan->nkernels + i]));
		json_array_append_new(all, one);
	}
	return all;
}

void plan_put_kernels(const struct plan *plan, json_t *o)
{
	json_t *kernels = json_array();
	size_t i;

	for (i = 0; i < plan->nkernels; i++)
		json_array_append_new(kernels, kernel_json(&plan->kernel[i]));
	json_put(o, "kernels", kernels);
	if (!plan_in_guests(plan))
		return;
	json_put(o, "guest", guest_json(&plan->guest));
	json_put(o, "emulated", json_boolean(plan->emulated));
	json_put(o, "kernel_order", order_json(plan));
}

static int get_patch(const json_t *o, struct plan_patch *patch, struct buf *why)
{
	return field_text(o, "path", &patch->path, why) ||
			       field_bool(o, "reverse", &patch->reverse, why)
		       ? -1
		       : 0;
}

static int get_patches(const json_t *o, struct plan_kernel *k, struct buf *why)
{
	const json_t *array = json_object_get(o, "patches");
	size_t n = json_array_size(array), i;
	struct buf reason = BUF_INIT;
	int ret = 0;

	if (!json_is_array(array) || n > PLAN_PATCHES_MAX) {
		buf_fmt(why, "patches: missing, or not 0 to %d", PLAN_PATCHES_MAX);
		return -1;
	}
	k->patch = xcalloc(n + 1, sizeof(k->patch[0]));
	for (i = 0; i < n && !ret; i++) {
		ret = get_patch(json_array_get(array, i), &k->patch[k->npatches++], &reason);
		if (ret)
			buf_fmt(why, "patches: %zu: %s", i, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

static int get_kernel(const json_t *v, struct plan_kernel *k, struct buf *why)
{
	if (field_text(v, "name", &k->name, why) || job_check_name("name", k->name, why) ||
	    field_text(v, "kernel", &k->spec, why) || get_patches(v, k, why))
		return -1;
	if (json_object_get(v, "rebuild") && field_bool(v, "rebuild", &k->rebuild, why))
		return -1;
	return field_optional(v, "cmdline", &k->cmdline, why);
}

static int get_booted(const json_t *array, struct plan *plan, struct buf *why)
{
	size_t n = json_array_size(array), i;
	struct buf reason = BUF_INIT;
	int ret = 0;

	plan->kernel = xcalloc(n, sizeof(plan->kernel[0]));
	for (i = 0; i < n && !ret; i++) {
		ret = get_kernel(json_array_get(array, i), &plan->kernel[plan->nkernels++], &reason);
		if (ret)
			buf_fmt(why, "kernels: %zu: %s", i, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

/* Names alone: as plans were before there were guests, and are without any. */
static int get_running(const json_t *o, struct plan *plan, struct buf *why)
{
	struct field_texts names = { 0 };
	size_t i;
	int ret = field_texts(o, "kernels", false, &names, why);

	plan->kernel = xcalloc(names.n + 1, sizeof(plan->kernel[0]));
	for (i = 0; i < names.n; i++)
		plan->kernel[plan->nkernels++].name = names.text[i];
	free(names.text);
	return ret;
}

static int get_list(const json_t *o, struct plan *plan, struct buf *why)
{
	const json_t *array = json_object_get(o, "kernels");
	size_t i, j;

	if (json_array_size(array) > PLAN_KERNELS_MAX) {
		buf_fmt(why, "kernels: more than %d", PLAN_KERNELS_MAX);
		return -1;
	}
	if (json_is_object(json_array_get(array, 0)) ? get_booted(array, plan, why)
						     : get_running(o, plan, why))
		return -1;
	for (i = 0; i < plan->nkernels; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(plan->kernel[i].name, plan->kernel[j].name))
				return field_bad(why, "kernels: one is given twice");
	return 0;
}

/* One of the guest's numbers, held to the range that job files are held to. */
static int get_number(const json_t *o, const char *key, uint64_t *out, struct buf *why)
{
	const struct param *row = &schema_find(&job_guest_schema, key)->param;

	return field_number(o, key, (struct field_range){ row->min, row->max }, out, why);
}

static int get_choice(const json_t *o, const char *key, const char *const *choices,
		      const char **out, struct buf *why)
{
	const char *text = field_text_of(json_object_get(o, key));

	for (; text && *choices; choices++)
		if (!strcmp(*choices, text)) {
			*out = *choices;
			return 0;
		}
	buf_fmt(why, "%s: missing, or not known", key);
	return -1;
}

static int get_node(const json_t *o, int *node, struct buf *why)
{
	uint64_t n;

	*node = -1;
	if (json_is_null(json_object_get(o, "numa_node")))
		return 0;
	if (field_number(o, "numa_node", (struct field_range){ 0, PLAN_NODE_MAX }, &n, why))
		return -1;
	*node = (int)n;
	return 0;
}

static int get_guest(const json_t *o, struct plan_guest *g, struct buf *why)
{
	uint64_t cpus;

	if (get_number(o, "cpus", &cpus, why) || get_number(o, "memory", &g->memory, why) ||
	    get_choice(o, "accel", job_accels, &g->accel, why) ||
	    get_choice(o, "disk", job_disks, &g->disk, why) ||
	    get_number(o, "disk_size", &g->disk_size, why) ||
	    field_optional(o, "cmdline", &g->cmdline, why) ||
	    field_bool(o, "overcommit", &g->overcommit, why) ||
	    field_bool(o, "huge_pages", &g->huge_pages, why))
		return -1;
	g->cpus = (uint32_t)cpus;
	return get_node(o, &g->numa_node, why);
}

static int get_order(const json_t *o, struct plan *plan, struct buf *why)
{
	const struct field_order expect = { .n = plan->nkernels, .what = "a kernel's number",
					    .twice = "a kernel is booted twice" };
	const json_t *array = json_object_get(o, "kernel_order");
	struct buf reason = BUF_INIT;
	uint32_t block;
	int ret = 0;

	if (!json_is_array(array) || json_array_size(array) != plan->blocks)
		return field_bad(why, "kernel_order: missing, or not an array for every block");
	for (block = 0; block < plan->blocks && !ret; block++) {
		ret = field_order(json_array_get(array, block), &expect,
				  plan->kernel_order + (size_t)block * plan->nkernels, &reason);
		if (ret)
			buf_fmt(why, "kernel_order: block %" PRIu32 ": %s", block, buf_text(&reason));
	}
	buf_release(&reason);
	return ret;
}

int plan_get_kernels(const json_t *o, struct plan *plan, struct buf *why)
{
	struct buf reason = BUF_INIT;
	size_t i;
	int ret;

	if (get_list(o, plan, why))
		return -1;
	plan->kernel_order = xcalloc((size_t)plan->blocks * plan->nkernels, sizeof(uint32_t));
	for (i = 0; i < plan->blocks * plan->nkernels; i++)
		plan->kernel_order[i] = (uint32_t)(i % plan->nkernels);
	if (!plan_in_guests(plan))
		return 0;
	ret = get_guest(json_object_get(o, "guest"), &plan->guest, &reason);
	if (ret)
		buf_fmt(why, "guest: %s", buf_text(&reason));
	buf_release(&reason);
	if (ret || field_bool(o, "emulated", &plan->emulated, why))
		return -1;
	return get_order(o, plan, why);
}
