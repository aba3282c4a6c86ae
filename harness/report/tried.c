/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/report/tried.h"

#include <stdbool.h>
#include <string.h>

#include "harness/plan/plan.h"
#include "harness/report/report.h"
#include "harness/store/samples.h"

/* build.patch_files of a kernel; NULL where nothing is known of it. */
static const json_t *files_of(const struct report_input *in, size_t kernel)
{
	const json_t *line, *files;
	const char *name;
	size_t i;

	json_array_foreach(in->samples->environments, i, line) {
		name = json_get_text(line, "kernel");
		files = json_object_get(json_object_get(line, "build"), "patch_files");
		if (files && name && !strcmp(name, in->plan->kernel[kernel].name))
			return files;
	}
	return NULL;
}

static bool has(const json_t *files, const json_t *file)
{
	const char *hash = json_get_text(file, "sha256"), *other;
	const json_t *f;
	size_t i;

	json_array_foreach(files, i, f) {
		other = json_get_text(f, "sha256");
		if (hash && other && !strcmp(hash, other) &&
		    json_is_true(json_object_get(f, "reverse")) == json_is_true(json_object_get(file, "reverse")))
			return true;
	}
	return false;
}

json_t *tried_patches(const struct report_input *in, size_t kernel)
{
	json_t *tried = json_array(), *file;
	const json_t *base = files_of(in, 0);
	size_t i;

	if (kernel && !plan_is_control(in->plan, kernel))
		json_array_foreach(files_of(in, kernel), i, file)
			if (!has(base, file))
				json_array_append(tried, file);
	return tried;
}

static bool has_patches(const struct report_input *in, size_t kernel)
{
	json_t *patches = tried_patches(in, kernel);
	bool any = json_array_size(patches) > 0;

	json_decref(patches);
	return any;
}

size_t tried_kernel(const struct report_input *in)
{
	size_t found = 0, k;

	for (k = 1; k < in->plan->nkernels; k++) {
		if (plan_is_control(in->plan, k))
			continue;
		if (found)
			return 0;
		found = k;
	}
	return found && has_patches(in, found) ? found : 0;
}

const char *tried_name(const struct report_input *in)
{
	json_t *patches = tried_patches(in, tried_kernel(in)), *file;
	bool put_in = json_array_size(patches) > 0;
	size_t i;

	json_array_foreach(patches, i, file)
		put_in &= !json_is_true(json_object_get(file, "reverse"));
	json_decref(patches);
	return put_in ? "the patch" : "the change";
}
