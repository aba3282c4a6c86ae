/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/relay.h"

static uint64_t seed = 88172645463325252u;

static unsigned draw(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

static void line_is(const struct relay_message *m, const char *expected)
{
	struct buf line = BUF_INIT;

	relay_line(m, &line);
	assert_string_equal(buf_text(&line), expected);
	buf_release(&line);
}

/* A message through its line and back. */
static void carry(const struct relay_message *m, struct relay_message *back)
{
	struct buf line = BUF_INIT, why = BUF_INIT;

	relay_line(m, &line);
	assert_int_equal(line.s[line.len - 1], '\n');
	assert_true(line.len <= RELAY_WIRE_MAX);
	assert_null(memchr(line.s, '\n', line.len - 1));
	if (relay_parse(line.s, line.len - 1, back, &why))
		fail_msg("%s: %s", line.s, buf_text(&why));
	assert_int_equal(back->kind, m->kind);
	assert_int_equal(back->call, m->call);
	buf_release(&line);
	buf_release(&why);
}

static void survives(const char *text, size_t len)
{
	const struct relay_message m = { .kind = RELAY_OUT, .call = 7, .text = (char *)text, .len = len };
	struct relay_message back;

	carry(&m, &back);
	assert_int_equal(back.len, len);
	assert_memory_equal(back.text, text, len);
	assert_int_equal(back.text[len], '\0');
	relay_release(&back);
}

static void lines_are_as_the_protocol_has_them(void **state)
{
	char *argv[] = { "foliobench", "run", "caf\xe9", NULL };
	struct relay_message m = { .kind = RELAY_READY, .text = "6.12.117", .len = 8 };

	(void)state;
	line_is(&m, "{\"relay\":1,\"ready\":true,\"release\":\"6.12.117\"}\n");
	m = (struct relay_message){ .kind = RELAY_FATAL, .text = "no\n", .len = 3 };
	line_is(&m, "{\"fatal\":\"no\\n\"}\n");
	m = (struct relay_message){ .kind = RELAY_OUT, .call = 3, .text = "{\"a\":1}", .len = 7 };
	line_is(&m, "{\"call\":3,\"out\":\"{\\\"a\\\":1}\"}\n");
	m = (struct relay_message){ .kind = RELAY_ERR, .call = 4294967295u, .text = "\xe9", .len = 1 };
	line_is(&m, "{\"call\":4294967295,\"err\":{\"bytes\":\"\xc3\xa9\"}}\n");
	m = (struct relay_message){ .kind = RELAY_EXIT, .call = 3, .code = 137 };
	line_is(&m, "{\"call\":3,\"exit\":137}\n");
	m = (struct relay_message){ .kind = RELAY_CALL, .call = 4, .argv = argv };
	line_is(&m, "{\"call\":4,\"argv\":[\"foliobench\",\"run\",{\"bytes\":\"caf\xc3\xa9\"}]}\n");
	m = (struct relay_message){ .kind = RELAY_CALL, .call = 5, .argv = argv + 3, .root = true };
	line_is(&m, "{\"call\":5,\"argv\":[],\"root\":true}\n");
	m = (struct relay_message){ .kind = RELAY_KILL, .call = 5 };
	line_is(&m, "{\"kill\":5}\n");
	m = (struct relay_message){ .kind = RELAY_HALT };
	line_is(&m, "{\"halt\":true}\n");
}

static void every_kind_reads_back(void **state)
{
	char *argv[] = { "TERM=xterm", "printf", "a\nb", "", "\x80\xff\x01", NULL };
	struct relay_message m = { .kind = RELAY_CALL, .call = 0, .argv = argv, .root = true }, back;
	size_t i;

	(void)state;
	carry(&m, &back);
	assert_true(back.root);
	for (i = 0; argv[i]; i++)
		assert_string_equal(back.argv[i], argv[i]);
	assert_null(back.argv[i]);
	relay_release(&back);
	m = (struct relay_message){ .kind = RELAY_CALL, .call = 1, .argv = argv };
	carry(&m, &back);
	assert_false(back.root);
	relay_release(&back);
	m = (struct relay_message){ .kind = RELAY_EXIT, .call = 4294967295u, .code = 255 };
	carry(&m, &back);
	assert_int_equal(back.code, 255);
	relay_release(&back);
	m = (struct relay_message){ .kind = RELAY_READY, .text = "6.1", .len = 3 };
	carry(&m, &back);
	assert_string_equal(back.text, "6.1");
	relay_release(&back);
	m = (struct relay_message){ .kind = RELAY_KILL, .call = 9 };
	carry(&m, &back);
	relay_release(&back);
	m = (struct relay_message){ .kind = RELAY_HALT };
	carry(&m, &back);
	relay_release(&back);
}

static void every_byte_survives(void **state)
{
	char all[256], one;
	unsigned i;

	(void)state;
	for (i = 0; i < 256; i++) {
		all[i] = one = (char)i;
		survives(&one, 1);
	}
	survives(all, sizeof(all));
	survives("", 0);
}

static void any_text_survives(void **state)
{
	static const char *const parts[] = {
		"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xa7", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xc0\x80", "\xff", "\\x41", "\\u00e9", "{\"bytes\":\"\xc3\xa9\"}", "\"", "\\", "\n", "\r", "\t", "a", "\x7f",
	};
	struct buf text = BUF_INIT;
	unsigned i, n;

	(void)state;
	for (i = 0; i < 800; i++) {
		buf_reset(&text);
		for (n = draw(12); n; n--) {
			if (draw(3))
				buf_str(&text, parts[draw(sizeof(parts) / sizeof(parts[0]))]);
			else
				buf_ch(&text, (char)draw(256));
		}
		survives(buf_text(&text), text.len);
	}
	buf_release(&text);
}

static void text_that_is_utf8_travels_readable(void **state)
{
	const struct relay_message m = { .kind = RELAY_OUT, .call = 1, .text = "caf\xc3\xa9 \xe2\x82\xac", .len = 9 };

	(void)state;
	line_is(&m, "{\"call\":1,\"out\":\"caf\xc3\xa9 \xe2\x82\xac\"}\n");
}

static void the_longest_line_fits_whatever_it_holds(void **state)
{
	char *text = xcalloc(1, RELAY_LINE_MAX);

	(void)state;
	memset(text, 1, RELAY_LINE_MAX);
	survives(text, RELAY_LINE_MAX);
	text[0] = (char)0xff;
	survives(text, RELAY_LINE_MAX);
	free(text);
}

static void refused(const char *line, size_t len, const char *expected)
{
	struct buf why = BUF_INIT;
	struct relay_message m;

	if (!relay_parse(line, len, &m, &why))
		fail_msg("was read: %s", line);
	if (!strstr(buf_text(&why), expected))
		fail_msg("%s: not \"%s\" but \"%s\"", line, expected, buf_text(&why));
	relay_release(&m);
	buf_release(&why);
}

static void what_is_no_message_is_refused_with_its_reason(void **state)
{
	static const char *const bad[][2] = {
		{ "", "not JSON" },
		{ "hello", "not JSON" },
		{ "[]", "not a JSON object" },
		{ "{}", "no known kind" },
		{ "{\"call\":1}", "no known kind" },
		{ "{\"halt\":true} x", "not JSON" },
		{ "{\"halt\":true,\"halt\":true}", "not JSON" },
		{ "{\"halt\":false}", "halt: can only be true" },
		{ "{\"halt\":true,\"call\":1}", "'call' does not belong beside 'halt'" },
		{ "{\"kill\":-1}", "kill: not the number" },
		{ "{\"kill\":4294967296}", "kill: not the number" },
		{ "{\"kill\":1.0}", "kill: not the number" },
		{ "{\"kill\":99999999999999999999}", "not JSON" },
		{ "{\"argv\":[\"a\"]}", "call: not the number" },
		{ "{\"call\":\"1\",\"argv\":[\"a\"]}", "call: not the number" },
		{ "{\"call\":1,\"argv\":[]}", "argv: no program" },
		{ "{\"call\":1,\"argv\":\"a\"}", "argv: not an array" },
		{ "{\"call\":1,\"argv\":[\"a\",1]}", "argv: neither a string" },
		{ "{\"call\":1,\"argv\":[\"a\",\"b\\u0000c\"]}", "argv: a NUL" },
		{ "{\"call\":1,\"argv\":[\"a\",{\"bytes\":\"\\u0100\"}]}", "argv: a character beyond" },
		{ "{\"call\":1,\"argv\":[\"a\",{\"bytes\":\"x\",\"y\":1}]}", "argv: neither a string" },
		{ "{\"call\":1,\"argv\":[\"a\"],\"root\":false}", "root: can only be true" },
		{ "{\"call\":1,\"argv\":[\"a\"],\"dir\":\"/\"}", "'dir' does not belong beside 'argv'" },
		{ "{\"call\":1,\"out\":\"a\",\"err\":\"b\"}", "'err' does not belong beside 'out'" },
		{ "{\"call\":1,\"out\":null}", "out: neither a string" },
		{ "{\"call\":1,\"exit\":256}", "exit: not a number from 0 to 255" },
		{ "{\"call\":1,\"exit\":-1}", "exit: not a number from 0 to 255" },
		{ "{\"relay\":2,\"ready\":true,\"release\":\"6\"}", "relay: version 2, and this program speaks 1" },
		{ "{\"ready\":true,\"release\":\"6\"}", "relay: missing" },
		{ "{\"relay\":1,\"ready\":true}", "release: neither a string" },
		{ "{\"fatal\":[]}", "fatal: neither a string" },
		{ "{\"fatal\":\"\xff\"}", "not JSON" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i][0], strlen(bad[i][0]), bad[i][1]);
	refused("{\"halt\":true}\0{", 15, "not JSON");
}

static void no_torn_line_is_a_message(void **state)
{
	static const char whole[] = "{\"call\":12,\"argv\":[\"foliobench\",{\"bytes\":\"\\u00e9\xc3\xa9\"}],\"root\":true}";
	struct buf why = BUF_INIT;
	struct relay_message m;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(whole) - 1; len++)
		refused(whole, len, "not JSON");
	assert_int_equal(relay_parse(whole, sizeof(whole) - 1, &m, &why), 0);
	assert_string_equal(m.argv[1], "\xe9\xe9");
	relay_release(&m);
}

/* Whatever is read from a damaged line can be written again. */
static void damaged_lines_do_no_harm(void **state)
{
	static const char *const lines[] = {
		"{\"call\":12,\"argv\":[\"foliobench\",{\"bytes\":\"\\u00e9\"}],\"root\":true}",
		"{\"relay\":1,\"ready\":true,\"release\":\"6.12\"}", "{\"call\":1,\"exit\":4}", "{\"kill\":1}",
	};
	struct buf line = BUF_INIT, why = BUF_INIT, again = BUF_INIT;
	struct relay_message m;
	unsigned i, n;

	(void)state;
	for (i = 0; i < 1500; i++) {
		buf_reset(&line);
		buf_str(&line, lines[draw(4)]);
		for (n = 1 + draw(3); n; n--)
			line.s[draw((unsigned)line.len)] = "{}[]\":,\\x\xff\0" "0e-"[draw(14)];
		if (!relay_parse(line.s, line.len, &m, &why))
			relay_line(&m, &again);
		relay_release(&m);
	}
	buf_release(&line);
	buf_release(&why);
	buf_release(&again);
}

static void a_setup_reads_back_as_it_was_written(void **state)
{
	char *module[] = { "/lib/brd.ko", "/lib/xfs.ko", NULL };
	char *mkfs[] = { "/sbin/mkfs.xfs", "-d", "su=2m", "/dev/ram0", NULL };
	struct relay_mount mount[] = {
		{ .type = "tmpfs", .dir = "/mnt/tmpfs", .options = "huge=never" },
		{ .type = "xfs", .dir = "/mnt/xfs", .device = "/dev/ram0", .mkfs = mkfs },
	};
	struct relay_setup s = { .module = module, .mount = mount, .nmounts = 2, .root_tag = "host",
				 .cwd = "/home/\xff", .shell = true }, back;
	struct buf text = BUF_INIT, again = BUF_INIT, why = BUF_INIT;

	(void)state;
	relay_setup_text(&s, &text);
	assert_int_equal(relay_setup_parse(text.s, text.len, &back, &why), 0);
	assert_int_equal(back.nmounts, 2);
	assert_string_equal(back.module[1], "/lib/xfs.ko");
	assert_null(back.module[2]);
	assert_null(back.mount[0].device);
	assert_null(back.mount[0].mkfs);
	assert_string_equal(back.mount[0].options, "huge=never");
	assert_string_equal(back.mount[1].mkfs[3], "/dev/ram0");
	assert_null(back.mount[1].mkfs[4]);
	assert_string_equal(back.cwd, "/home/\xff");
	assert_true(back.shell);
	relay_setup_text(&back, &again);
	assert_string_equal(again.s, text.s);
	relay_setup_release(&back);
	buf_release(&text);
	buf_release(&again);
	buf_release(&why);
}

static void an_empty_setup_is_one(void **state)
{
	struct relay_setup s = { 0 }, back;
	struct buf text = BUF_INIT, why = BUF_INIT;

	(void)state;
	relay_setup_text(&s, &text);
	assert_int_equal(relay_setup_parse(text.s, text.len, &back, &why), 0);
	assert_null(back.module);
	assert_int_equal(back.nmounts, 0);
	assert_null(back.root_tag);
	assert_null(back.cwd);
	assert_false(back.shell);
	assert_int_equal(back.nscript, 0);
	assert_false(back.symbols);
	relay_setup_release(&back);
	buf_release(&text);
	buf_release(&why);
}

static void a_script_reads_back_call_by_call(void **state)
{
	char *first[] = { "foliobench", "run", "read", "dir=/mnt/\xff", NULL };
	char *second[] = { "foliobench", "list", NULL };
	char **script[] = { first, second };
	struct relay_setup s = { .script = script, .nscript = 2, .symbols = true }, back;
	struct buf text = BUF_INIT, again = BUF_INIT, why = BUF_INIT;

	(void)state;
	relay_setup_text(&s, &text);
	assert_int_equal(relay_setup_parse(text.s, text.len, &back, &why), 0);
	assert_int_equal(back.nscript, 2);
	assert_string_equal(back.script[0][3], "dir=/mnt/\xff");
	assert_null(back.script[0][4]);
	assert_string_equal(back.script[1][1], "list");
	assert_null(back.script[1][2]);
	assert_true(back.symbols);
	relay_setup_text(&back, &again);
	assert_string_equal(again.s, text.s);
	relay_setup_release(&back);
	buf_release(&text);
	buf_release(&again);
	buf_release(&why);
}

static void symbols_travel_as_they_are(void **state)
{
	static const char text[] = "ffffffff81000000 T _text\nffffffffc0000000 t brd_init\t[brd]\n";
	const struct relay_message m = { .kind = RELAY_SYMBOLS, .text = (char *)text, .len = strlen(text) };
	struct relay_message back;

	(void)state;
	line_is(&m, "{\"symbols\":\"ffffffff81000000 T _text\\nffffffffc0000000 t brd_init\\t[brd]\\n\"}\n");
	carry(&m, &back);
	assert_string_equal(back.text, text);
	relay_release(&back);
}

static void bad_setups_are_refused_with_their_reason(void **state)
{
	static const char *const bad[][2] = {
		{ "", "the setup is not JSON" },
		{ "[1]", "the setup is not a JSON object" },
		{ "{}", "relay: missing" },
		{ "{\"relay\":9}", "relay: version 9" },
		{ "{\"relay\":1,\"modules\":[]}", "unknown key 'modules' (did you mean 'module'?)" },
		{ "{\"relay\":1,\"module\":\"/a\"}", "module: not an array" },
		{ "{\"relay\":1,\"module\":[\"a.ko\"]}", "module: 'a.ko' is not a path from the root" },
		{ "{\"relay\":1,\"module\":[\"/a\\u0000\"]}", "module: a NUL" },
		{ "{\"relay\":1,\"mount\":{}}", "mount: not an array" },
		{ "{\"relay\":1,\"mount\":[1]}", "mount: not an array of objects" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"tmpfs\"}]}", "mount: no 'dir'" },
		{ "{\"relay\":1,\"mount\":[{\"dir\":\"/a\"}]}", "mount: no 'type'" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"\",\"dir\":\"/a\"}]}", "mount: no 'type'" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"tmpfs\",\"dir\":\"a\"}]}", "dir: 'a' is not a path" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"xfs\",\"dir\":\"/a\",\"device\":\"ram0\"}]}", "device: 'ram0'" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"xfs\",\"dir\":\"/a\",\"mkfs\":[]}]}", "mkfs: no program" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"xfs\",\"dir\":\"/a\",\"option\":\"\"}]}",
		  "unknown key 'option' (did you mean 'options'?)" },
		{ "{\"relay\":1,\"mount\":[{\"type\":\"tmpfs\",\"dir\":\"/a\"},{\"type\":7}]}", "type: neither" },
		{ "{\"relay\":1,\"root_tag\":true}", "root_tag: neither a string" },
		{ "{\"relay\":1,\"cwd\":\"home\"}", "cwd: 'home' is not a path" },
		{ "{\"relay\":1,\"shell\":1}", "shell: neither true nor false" },
		{ "{\"relay\":1,\"symbols\":\"yes\"}", "symbols: neither true nor false" },
		{ "{\"relay\":1,\"script\":\"list\"}", "script: not an array of calls" },
		{ "{\"relay\":1,\"script\":[]}", "script: not an array of calls" },
		{ "{\"relay\":1,\"script\":[\"list\"]}", "script: not an array of words" },
		{ "{\"relay\":1,\"script\":[[\"a\"],[]]}", "script: no program" },
		{ "{\"relay\":1,\"script\":[[\"a\"],[\"b\\u0000\"]]}", "script: a NUL" },
		{ "{\"relay\":1,\"scripts\":[[\"a\"]]}", "unknown key 'scripts' (did you mean 'script'?)" },
	};
	struct buf why = BUF_INIT;
	struct relay_setup s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&why);
		assert_int_equal(relay_setup_parse(bad[i][0], strlen(bad[i][0]), &s, &why), -1);
		if (!strstr(buf_text(&why), bad[i][1]))
			fail_msg("%s: not \"%s\" but \"%s\"", bad[i][0], bad[i][1], buf_text(&why));
		relay_setup_release(&s);
	}
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_as_the_protocol_has_them),
		cmocka_unit_test(every_kind_reads_back),
		cmocka_unit_test(every_byte_survives),
		cmocka_unit_test(any_text_survives),
		cmocka_unit_test(text_that_is_utf8_travels_readable),
		cmocka_unit_test(the_longest_line_fits_whatever_it_holds),
		cmocka_unit_test(what_is_no_message_is_refused_with_its_reason),
		cmocka_unit_test(no_torn_line_is_a_message),
		cmocka_unit_test(damaged_lines_do_no_harm),
		cmocka_unit_test(a_setup_reads_back_as_it_was_written),
		cmocka_unit_test(an_empty_setup_is_one),
		cmocka_unit_test(a_script_reads_back_call_by_call),
		cmocka_unit_test(symbols_travel_as_they_are),
		cmocka_unit_test(bad_setups_are_refused_with_their_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
