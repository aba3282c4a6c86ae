/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apt and dpkg are stand-ins here, shell scripts that come first in PATH: what they
 * know and whether there is a network is up to each test. Real ones: tests/system/cache.sh.
 */
#include "harness/kernel/package.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

#include "harness/kernel/deb.h"
#include "tests/unit/cache_place.h"
#include "tests/unit/scratch.h"

#define META "linux-image-6.12-cloud-amd64"
#define IMAGE "linux-image-6.12.117+deb12-cloud-amd64"
#define VERSION "6.12.117-1~deb12u1"

/* $FAKE/SYSTEM and $FAKE/NET: what apt's lists and new ones hold; $FAKE/log: a line for each call. */
static const char script[] =
	"#!/bin/sh\n"
	"FAKE=${0%/bin/*}\n"
	"db=$FAKE/SYSTEM state=\n"
	"[ \"${APT_CONFIG:-}\" ] && db=${APT_CONFIG%/*}/state/lists/x_Packages\n"
	"name=${0##*/}\n"
	"while [ \"${1:-}\" = -o ] || [ \"${1:-}\" = -q ]; do [ $1 = -o ] && shift; shift; done\n"
	"echo \"$name $*\" >>\"$FAKE/log\"\n"
	"case \"$name $1\" in\n"
	"'dpkg --print-architecture') echo amd64;;\n"
	"'apt-config dump') echo 'Acquire::http::Proxy \"http://proxy:1\";'\n"
	"	echo 'DPkg::Post-Invoke:: \"touch /nowhere/at/all\";';;\n"
	"'apt-get update') [ -e \"$FAKE/offline\" ] && { echo 'E: Failed to fetch: no route' >&2; exit 100; }\n"
	"	grep -q proxy:1 \"$APT_CONFIG\" || exit 100\n"
	"	! grep -q Post-Invoke \"$APT_CONFIG\" || exit 100\n"
	"	cp \"$FAKE/NET\" \"$db\";;\n"
	"'apt-get download') [ -e \"$FAKE/offline\" ] && { echo 'E: Failed to fetch: no route' >&2; exit 100; }\n"
	"	[ -e \"$FAKE/slow\" ] && sleep 0.3\n"
	"	cp \"$FAKE/debs/${2%%=*}\" ./\"${2%%=*}_x.deb\";;\n"
	"'apt-cache pkgnames') sed -n 's/^Package: //p' \"$db\";;\n"
	"'apt-cache show') all=$2; shift 2\n"
	"	for p in \"$@\"; do awk -v RS= -v name=\"${p%%=*}\" -v v=\"${p#\"${p%%=*}\"}\" -v all=$all '\n"
	"		index($0 \"\\n\", \"Package: \" name \"\\n\") == 1 && (v == \"\" || index($0 \"\\n\", \"\\nVersion: \" substr(v, 2) \"\\n\")) {\n"
	"			print $0 \"\\n\"; if (all == \"--no-all-versions\") exit }' \"$db\"; done;;\n"
	"'dpkg-query '*) exit 1;;\n"
	"'dpkg-deb -x') mkdir -p \"$3\" && tar -C \"$3\" -xf \"$2\";;\n"
	"*) echo \"E: $name $1?\" >&2; exit 1;;\n"
	"esac\n";

static char *fake;
static char *old_path;

static char *below(const char *name)
{
	return xasprintf("%s/%s", fake, name);
}

static void put(const char *name, const char *text)
{
	char *path = below(name);

	scratch_write(path, text, strlen(text));
	free(path);
}

static void sh(const char *fmt, ...)
{
	struct buf command = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&command, fmt, ap);
	va_end(ap);
	if (system(command.s))
		fail_msg("failed: %s", command.s);
	buf_release(&command);
}

static int begin(void **state)
{
	static const char *const programs[] = {
		"apt-get", "apt-cache", "apt-config", "dpkg", "dpkg-deb", "dpkg-query",
	};
	char *file, *path;
	size_t i;

	(void)state;
	fake = xasprintf("%s/fake", scratch_begin());
	cache_place_begin();
	sh("mkdir -p %s/bin", fake);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		file = xasprintf("%s/bin/%s", fake, programs[i]);
		scratch_write(file, script, sizeof(script) - 1);
		chmod(file, 0755);
		free(file);
	}
	old_path = xstrdup(getenv("PATH"));
	path = xasprintf("%s/bin:/usr/bin:/bin", fake);
	setenv("PATH", path, 1);
	free(path);
	return 0;
}

static int end(void **state)
{
	(void)state;
	setenv("PATH", old_path, 1);
	cache_place_end();
	scratch_end();
	free(old_path);
	free(fake);
	return 0;
}

/* One stanza of apt's; file: can it be fetched? */
static void add(struct buf *db, const char *name, const char *version, const char *more)
{
	const char *arch = strstr(name, "source") ? "all" : strstr(name, "arm64") ? "arm64" : "amd64";

	buf_fmt(db, "Package: %s\nVersion: %s\nArchitecture: %s\n%sSize: 1234567\nFilename: pool/x.deb\n\n",
		name, version, arch, more);
}

static void set_system(void)
{
	struct buf db = BUF_INIT;

	add(&db, META, VERSION, "Depends: " IMAGE " (= " VERSION ")\n");
	add(&db, IMAGE, VERSION, "Depends: kmod, initramfs-tools (>= 0.120) | linux-initramfs-tool\n");
	add(&db, IMAGE "-unsigned", VERSION, "Depends: kmod\n");
	add(&db, "linux-source-6.12", VERSION, "");
	add(&db, "linux-source-6.12", "6.12.115-2~deb12u1", "");
	add(&db, "linux-source", "6.12", "Depends: linux-source-6.12 (= " VERSION ")\n");
	put("SYSTEM", db.s);
	put("NET", db.s);
	buf_release(&db);
}

/* A package as the stand-in for dpkg-deb takes it: a plain tar. */
static void make_deb(const char *name, const char *file)
{
	sh("cd %s && rm -rf t && mkdir -p t/$(dirname %s) debs && echo %s >t/%s && tar -C t -cf debs/%s .",
	   fake, file, name, file, name);
}

static int fresh(void **state)
{
	(void)state;
	sh("rm -rf %s %s/log %s/offline %s/slow %s/debs", cache_place, fake, fake, fake, fake);
	set_system();
	make_deb(IMAGE, "boot/vmlinuz");
	make_deb(IMAGE "-unsigned", "boot/vmlinuz");
	sh("cd %s && rm -rf t && mkdir -p t/usr/src t/usr/share/doc k/linux-source-6.12/mm && "
	   "echo 'int x;' >k/linux-source-6.12/mm/filemap.c && "
	   "tar -C k -cJf t/usr/src/linux-source-6.12.tar.xz linux-source-6.12 && "
	   "tar -C t -cf debs/linux-source-6.12 .", fake);
	return 0;
}

/* How often the log has a line that begins so. */
static unsigned logged(const char *begin)
{
	char *path = below("log");
	struct buf log = BUF_INIT;
	unsigned n = 0;
	const char *at;

	buf_read_file(&log, path);
	for (at = buf_text(&log); (at = strstr(at, begin)); at++)
		n += at == log.s || at[-1] == '\n';
	buf_release(&log);
	free(path);
	return n;
}

static bool has(const struct package *p, const char *file)
{
	char *path = xasprintf("%s/%s", p->path, file);
	bool yes = !access(path, F_OK);

	free(path);
	return yes;
}

/* What is said meanwhile; lasts until the next. */
static const char *said;

static int get(const char *name, const char *arch, struct package *p)
{
	int ret;

	scratch_listen();
	ret = package_get(name, arch, NULL, p);
	said = scratch_heard();
	if (ret) {
		assert_null(p->path);
		assert_non_null(strstr(said, "error: "));
		assert_null(strstr(strstr(said, "error: ") + 1, "error: "));	/* one */
	}
	return ret;
}

static void assert_got(const char *name, const char *version)
{
	struct package p;

	if (get(name, "amd64", &p))
		fail_msg("%s: %s", name, said);
	assert_string_equal(p.version, version);
	package_release(&p);
}

static void assert_refused(const char *name, const char *why)
{
	struct package p;

	assert_int_equal(get(name, "amd64", &p), -1);
	if (!strstr(said, why))
		fail_msg("'%s' is not in what was said: %s", why, said);
	package_release(&p);
}

/* Which package */

static void a_meta_package_is_followed_to_its_unsigned_image(void **state)
{
	struct package p;

	(void)state;
	assert_int_equal(get(META, "amd64", &p), 0);
	assert_string_equal(p.name, IMAGE "-unsigned");
	assert_string_equal(p.version, VERSION);
	assert_true(has(&p, "boot/vmlinuz"));
	assert_true(p.hold >= 0);
	assert_int_equal(logged("apt-get download " IMAGE "-unsigned=" VERSION), 1);
	package_release(&p);
	assert_null(p.path);
}

static void without_an_unsigned_image_the_signed_one_is_taken(void **state)
{
	struct buf db = BUF_INIT;
	struct package p;

	(void)state;
	add(&db, META, VERSION, "Depends: " IMAGE " (= " VERSION ")\n");
	add(&db, IMAGE, VERSION, "");
	put("SYSTEM", db.s);
	assert_int_equal(get(META, "amd64", &p), 0);
	assert_string_equal(p.name, IMAGE);
	package_release(&p);
	buf_release(&db);
}

static void an_image_named_outright_is_the_one_that_is_taken(void **state)
{
	struct package p;

	(void)state;
	assert_int_equal(get(IMAGE, "amd64", &p), 0);
	assert_string_equal(p.name, IMAGE);
	package_release(&p);
}

static void what_is_in_the_cache_is_not_fetched_again(void **state)
{
	(void)state;
	assert_got(META, VERSION);
	assert_got(META, VERSION);
	assert_string_equal(said, "");
	assert_got(IMAGE "-unsigned", VERSION);
	assert_int_equal(logged("apt-get download"), 1);
}

static void a_version_can_be_asked_for(void **state)
{
	(void)state;
	assert_got("linux-source-6.12=6.12.115-2~deb12u1", "6.12.115-2~deb12u1");
	assert_got("linux-source-6.12", VERSION);
	assert_refused("linux-source-6.12=6.12.1-1",
		       "in version 6.12.1-1; there is " VERSION ", 6.12.115-2~deb12u1");
}

static void of_a_source_package_only_the_tree_is_kept(void **state)
{
	struct package p;

	(void)state;
	assert_int_equal(get("linux-source", "all", &p), 0);
	assert_string_equal(p.name, "linux-source-6.12");
	assert_true(has(&p, "tree/mm/filemap.c"));
	assert_false(has(&p, "usr"));
	assert_false(has(&p, "unpacked"));
	assert_non_null(strstr(p.path, "/sources/"));
	package_release(&p);
}

/* Lists */

static void a_package_that_apt_does_not_know_is_looked_for_in_new_lists(void **state)
{
	struct buf db = BUF_INIT;
	struct package p;

	(void)state;
	add(&db, "linux-image-6.13.1-amd64", "6.13.1-1", "");
	put("NET", db.s);
	make_deb("linux-image-6.13.1-amd64", "boot/vmlinuz");
	assert_int_equal(get("linux-image-6.13.1-amd64", "amd64", &p), 0);
	assert_string_equal(p.version, "6.13.1-1");
	assert_int_equal(logged("apt-get update"), 1);
	package_release(&p);
	buf_release(&db);
}

static void another_architecture_has_lists_of_its_own_fetched_once(void **state)
{
	struct buf db = BUF_INIT;
	struct package p;

	(void)state;
	add(&db, "linux-image-6.12-arm64", VERSION, "");
	put("NET", db.s);
	make_deb("linux-image-6.12-arm64", "boot/vmlinuz");
	assert_int_equal(get("linux-image-6.12-arm64", "arm64", &p), 0);
	package_release(&p);
	assert_int_equal(get("linux-image-6.12-arm64", "arm64", &p), 0);
	package_release(&p);
	assert_int_equal(logged("apt-get update"), 1);
	assert_int_equal(logged("apt-get download"), 1);
	buf_release(&db);
}

static void a_name_that_nobody_knows_gets_a_near_miss(void **state)
{
	(void)state;
	assert_refused("linux-sorce-6.12", "did you mean 'linux-source-6.12'?");
	assert_refused("linux-sorce-6.12", "no package linux-sorce-6.12 for amd64");
	assert_int_equal(logged("apt-get update"), 1);	/* lists of a minute ago are not fetched again */
	assert_refused("zzz", "no package zzz for amd64\n");
}

static void what_can_be_no_name_reaches_no_command_line(void **state)
{
	static const char *const bad[] = {
		"", "-o", "--help", "a b", "a;b", "../x", "x/y", "x_y", "linux-source-6.12=", "x=-1", "x=1 2",
		"x=1/2", "x=$(y)",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i], "of a Debian package");
	sh("! test -e %s/log", fake);
}

/* Without a network */

static void without_a_network_the_cache_serves_and_that_is_said(void **state)
{
	struct buf db = BUF_INIT;
	struct package p;

	(void)state;
	assert_got(META, VERSION);
	add(&db, META, "6.12.120-1", "Depends: linux-image-6.12.120-amd64 (= 6.12.120-1)\n");
	add(&db, "linux-image-6.12.120-amd64", "6.12.120-1", "");
	put("SYSTEM", db.s);
	put("offline", "");
	assert_int_equal(get(META, "amd64", &p), 0);
	assert_string_equal(p.name, IMAGE "-unsigned");
	assert_string_equal(p.version, VERSION);
	assert_non_null(strstr(said, "no route; using " IMAGE "-unsigned " VERSION " from the cache"));
	package_release(&p);
	buf_release(&db);
}

static void without_a_network_the_newest_is_taken(void **state)
{
	(void)state;
	assert_got("linux-source-6.12=6.12.115-2~deb12u1", "6.12.115-2~deb12u1");
	assert_got("linux-source-6.12", VERSION);
	put("SYSTEM", "");
	put("offline", "");
	assert_got("linux-source-6.12", VERSION);
	assert_got("linux-source-6.12=6.12.115-2~deb12u1", "6.12.115-2~deb12u1");
	assert_refused("linux-source-6.12=6.12.99-1", "no route");
}

static void without_a_network_and_with_an_empty_cache_it_says_why(void **state)
{
	(void)state;
	put("offline", "");
	assert_refused(META, META ": Failed to fetch: no route");
	assert_refused("linux-image-6.13-amd64", "newer lists could not be had: Failed to fetch: no route");
	assert_int_equal(logged("apt-get update"), 2);
}

static void without_apt_only_the_cache_serves(void **state)
{
	char *path = xstrdup(getenv("PATH")), *empty = xasprintf("%s/nothing", scratch_dir);

	(void)state;
	assert_got(META, VERSION);
	setenv("PATH", empty, 1);
	assert_got(META, VERSION);
	assert_refused("linux-source-6.12", "apt-get is not installed");
	setenv("PATH", path, 1);
	free(empty);
	free(path);
}

/* Trouble */

static void a_damaged_package_leaves_nothing(void **state)
{
	(void)state;
	put("debs/" IMAGE "-unsigned", "this is no archive");
	assert_refused(META, "unpack " IMAGE "-unsigned " VERSION ": ");
	sh("! ls %s/foliobench/debs/linux* 2>/dev/null", cache_place);
	sh("! ls %s/foliobench/new/* 2>/dev/null", cache_place);
	make_deb(IMAGE "-unsigned", "boot/vmlinuz");
	assert_got(META, VERSION);
}

static void a_source_package_without_a_tarball_is_refused(void **state)
{
	(void)state;
	make_deb("linux-source-6.12", "usr/share/doc/x");
	assert_refused("linux-source-6.12", "no usr/src/linux-source-6.12.tar.* in it");
}

static void two_at_once_fetch_once(void **state)
{
	struct package p;
	pid_t pid[3];
	int i, status;

	(void)state;
	put("slow", "");
	fflush(NULL);
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			if (!freopen("/dev/null", "w", stderr))
				_exit(9);
			_exit(package_get(META, "amd64", NULL, &p) ? 1 : !has(&p, "boot/vmlinuz"));
		}
	}
	for (i = 0; i < 3; i++) {
		waitpid(pid[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(logged("apt-get download"), 1);
}

static void who_is_told_to_stop_says_nothing(void **state)
{
	static const volatile sig_atomic_t stop = 1;
	struct package p;

	(void)state;
	scratch_listen();
	assert_int_equal(package_get(META, "amd64", &stop, &p), -1);
	assert_string_equal(scratch_heard(), "");
	package_release(&p);
	sh("! ls %s/foliobench/new/* 2>/dev/null", cache_place);
}

/* What Debian's tools say */

static void stanzas_are_found_by_name_and_fetchable_ones_first(void **state)
{
	static const char text[] =
		"Package: a-b\nVersion: 1\nArchitecture: all\n\n"
		"\n\nPackage: a\nVersion: 3\nArchitecture: amd64\nStatus: install ok installed\n"
		"Description: x\n Package: a\n .\n Version: 9\n\n"
		"Package: a\nVersion: 2-1\nArchitecture: amd64\nFilename:  pool/x \nSize: 17\n"
		"Depends: b, c\n\n"
		"Package: broken\nVersion: x y\nArchitecture: amd64\n\nPackage: last\nArchitecture: all\nVersion: 7";
	struct deb d;

	(void)state;
	assert_int_equal(deb_find(text, "a", &d), 0);
	assert_string_equal(d.version, "2-1");
	assert_string_equal(d.depends, "b, c");
	assert_int_equal(d.size, 17);
	assert_true(d.fetchable);
	deb_release(&d);
	assert_int_equal(deb_find(text, "a-b", &d), 0);
	assert_string_equal(d.depends, "");
	assert_false(d.fetchable);
	deb_release(&d);
	assert_int_equal(deb_find(text, "last", &d), 0);
	assert_string_equal(d.version, "7");
	deb_release(&d);
	assert_int_equal(deb_find(text, "broken", &d), -1);
	deb_release(&d);
	assert_int_equal(deb_find(text, "b", &d), -1);
	deb_release(&d);
	assert_int_equal(deb_find("", "b", &d), -1);
	assert_int_equal(deb_find("\n\n\n", "b", &d), -1);
	deb_release(&d);
}

static void versions_are_listed_up_to_a_number(void **state)
{
	static const char text[] = "Package: a\nVersion: 3\n\nPackage: b\nVersion: 9\n\n"
				   "Package: a\nVersion: 2\n\nPackage: a\nVersion: 1\n";
	char *list = deb_versions(text, "a", 8);

	(void)state;
	assert_string_equal(list, "3, 2, 1");
	free(list);
	list = deb_versions(text, "a", 2);
	assert_string_equal(list, "3, 2, ...");
	free(list);
	assert_null(deb_versions(text, "c", 2));
}

static void only_meta_packages_are_followed(void **state)
{
	static const struct {
		const char *name, *depends, *to, *version;
	} t[] = {
		{ META, IMAGE " (= " VERSION ")", IMAGE, VERSION },
		{ META, "foo, " IMAGE "(=" VERSION "), bar", IMAGE, VERSION },
		{ META, "linux-base (>= 4) | " IMAGE, IMAGE, NULL },
		{ META, IMAGE ":amd64 (>= 3)", IMAGE, NULL },
		{ IMAGE, "kmod, linux-base (>= 4.3~), initramfs-tools | linux-initramfs-tool", NULL, NULL },
		{ META, META " (= 1)", NULL, NULL },
		{ META, "", NULL, NULL },
		{ META, ", ,|,", NULL, NULL },
		{ META, "linux-image-$(x) (= 1)", NULL, NULL },
		{ META, IMAGE " (= )", NULL, NULL },
		{ "linux-source", "linux-source-6.1 (= 6.1.1-1)", "linux-source-6.1", "6.1.1-1" },
		{ "linux-source-6.1", "linux-source-6.2", NULL, NULL },
		{ "vim", "linux-image-x", NULL, NULL },
	};
	char *name, *version;
	struct deb d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		d = (struct deb){ .name = (char *)t[i].name, .depends = (char *)t[i].depends };
		assert_int_equal(deb_follow(&d, &name, &version), t[i].to != NULL);
		if (t[i].to)
			assert_string_equal(name, t[i].to);
		else
			assert_null(name);
		if (t[i].version)
			assert_string_equal(version, t[i].version);
		else
			assert_null(version);
		free(name);
		free(version);
	}
}

static void versions_have_debians_order(void **state)
{
	/* each below the next, as dpkg --compare-versions says */
	static const char *const order[] = {
		"0~~", "0~", "0", "0a", "0+", "1~rc1-1", "1", "1-0.1", "1-1", "1.0.0", "1.0.9", "1.0.10", "1.1",
		"6.1.192-2", "6.12.9-1", "6.12.115-2~deb12u1", "6.12.117-1~deb12u1", "6.12.117-1",
		"6.12.117-1+b1", "6.12.118~rc1-1", "1:0", "1:1", "10:0",
	};
	const size_t n = sizeof(order) / sizeof(order[0]);
	size_t i, j;

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			const int got = deb_compare(order[i], order[j]);

			if ((got > 0) - (got < 0) != (i > j) - (i < j))
				fail_msg("%s against %s: %d", order[i], order[j], got);
		}
	assert_int_equal(deb_compare("1.00", "1.0"), 0);
	assert_int_equal(deb_compare("0:1", "1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_meta_package_is_followed_to_its_unsigned_image, fresh),
		cmocka_unit_test_setup(without_an_unsigned_image_the_signed_one_is_taken, fresh),
		cmocka_unit_test_setup(an_image_named_outright_is_the_one_that_is_taken, fresh),
		cmocka_unit_test_setup(what_is_in_the_cache_is_not_fetched_again, fresh),
		cmocka_unit_test_setup(a_version_can_be_asked_for, fresh),
		cmocka_unit_test_setup(of_a_source_package_only_the_tree_is_kept, fresh),
		cmocka_unit_test_setup(a_package_that_apt_does_not_know_is_looked_for_in_new_lists, fresh),
		cmocka_unit_test_setup(another_architecture_has_lists_of_its_own_fetched_once, fresh),
		cmocka_unit_test_setup(a_name_that_nobody_knows_gets_a_near_miss, fresh),
		cmocka_unit_test_setup(what_can_be_no_name_reaches_no_command_line, fresh),
		cmocka_unit_test_setup(without_a_network_the_cache_serves_and_that_is_said, fresh),
		cmocka_unit_test_setup(without_a_network_the_newest_is_taken, fresh),
		cmocka_unit_test_setup(without_a_network_and_with_an_empty_cache_it_says_why, fresh),
		cmocka_unit_test_setup(without_apt_only_the_cache_serves, fresh),
		cmocka_unit_test_setup(a_damaged_package_leaves_nothing, fresh),
		cmocka_unit_test_setup(a_source_package_without_a_tarball_is_refused, fresh),
		cmocka_unit_test_setup(two_at_once_fetch_once, fresh),
		cmocka_unit_test_setup(who_is_told_to_stop_says_nothing, fresh),
		cmocka_unit_test(stanzas_are_found_by_name_and_fetchable_ones_first),
		cmocka_unit_test(versions_are_listed_up_to_a_number),
		cmocka_unit_test(only_meta_packages_are_followed),
		cmocka_unit_test(versions_have_debians_order),
	};

	return cmocka_run_group_tests_name("package", tests, begin, end);
}
