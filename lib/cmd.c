/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/cmd.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/exitcode.h"
#include "lib/near.h"

struct common_opts {
	bool help, verbose, quiet;
	const char *color;
};

static const struct opt common[] = {
	OPT_FLAG(struct common_opts, help, 'h', "help", "show this help"),
	OPT_FLAG(struct common_opts, verbose, 'v', "verbose", "say more on stderr"),
	OPT_FLAG(struct common_opts, quiet, 'q', "quiet", "say only warnings and errors on stderr"),
	OPT_TEXT(struct common_opts, color, 0, "color", "WHEN", "auto, always or never"),
	OPT_END
};

static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color_when;

bool cmd_color(int fd)
{
	if (color_when == COLOR_AUTO)
		return isatty(fd) && !getenv("NO_COLOR");
	return color_when == COLOR_ALWAYS;
}

/* A command's own options and the common ones, as getopt_long() wants them. */
struct parser {
	const struct command *command;
	void *own;
	struct common_opts common;
	struct option *longs;
	const struct opt **opt;		/* parallel to longs */
	size_t n;
	struct buf shorts;
};

static void collect(struct parser *p, const struct opt *table)
{
	for (; table && table->name; table++) {
		p->longs = xrealloc(p->longs, p->n + 2, sizeof(p->longs[0]));
		p->opt = xrealloc(p->opt, p->n + 1, sizeof(p->opt[0]));
		p->longs[p->n] =
			(struct option){ table->name, table->arg ? required_argument : no_argument,
					 NULL, 0 };
		p->longs[p->n + 1] = (struct option){ 0 };
		p->opt[p->n++] = table;
		if (table->letter)
			buf_fmt(&p->shorts, "%c%s", table->letter, table->arg ? ":" : "");
	}
}

static bool is_common(const struct opt *o)
{
	return o >= common && o < common + sizeof(common) / sizeof(common[0]);
}

static void store(struct parser *p, const struct opt *o, const char *arg)
{
	char *base = is_common(o) ? (char *)&p->common : p->own;
	struct opt_list *list;

	switch (o->kind) {
	case OPT_KIND_FLAG:
		*(bool *)(base + o->offset) = true;
		break;
	case OPT_KIND_TEXT:
		*(const char **)(base + o->offset) = arg;
		break;
	case OPT_KIND_LIST:
		list = (struct opt_list *)(base + o->offset);
		list->text = xrealloc(list->text, list->n + 1, sizeof(list->text[0]));
		list->text[list->n++] = arg;
		break;
	}
}

static void unknown_option(const struct parser *p, const char *arg)
{
	struct buf hint = BUF_INIT;
	char *name = xstrndup(arg, strcspn(arg, "="));
	struct near near;
	size_t i;

	near_init(&near, name + strspn(name, "-"));
	for (i = 0; i < p->n; i++)
		near_offer(&near, p->opt[i]->name);
	if (near.best)
		buf_fmt(&hint, " (did you mean '--%s'?)", near.best);
	err("%s: unknown option '%s'%s", p->command->name, name, buf_text(&hint));
	buf_release(&hint);
	free(name);
}

static int parse(struct parser *p, int argc, char **argv)
{
	int which, c;
	size_t i;

	optind = 0;	/* glibc: start over, scan state included */
	opterr = 0;
	while (which = -1, (c = getopt_long(argc, argv, p->shorts.s, p->longs, &which)) != -1) {
		if (c == '?' || c == ':') {
			char letter[3] = { '-', (char)optopt, '\0' };

			if (c == ':')
				return err("%s: option '%s' needs an argument", p->command->name,
					   argv[optind - 1]);
			for (i = 0; i < p->n; i++)	/* --flag=value comes here with optopt 0 as well */
				if (!strncmp(argv[optind - 1], "--", 2) &&
				    strchr(argv[optind - 1], '=') &&
				    !strncmp(argv[optind - 1] + 2, p->opt[i]->name,
					     strlen(p->opt[i]->name)) &&
				    argv[optind - 1][2 + strlen(p->opt[i]->name)] == '=')
					return err("%s: option '--%s' takes no argument",
						   p->command->name, p->opt[i]->name);
			unknown_option(p, optopt ? letter : argv[optind - 1]);
			return -1;
		}
		for (i = 0; which < 0 && i < p->n; i++)
			if (p->opt[i]->letter == c)
				which = (int)i;
		if (which < 0)
			BUG("option '%c' is in no table", c);
		store(p, p->opt[which], optarg);
	}
	return optind;
}

static int apply_common(const struct parser *p)
{
	const char *color = p->common.color ? p->common.color : "auto";

	if (p->common.quiet && p->common.verbose)
		return err("%s: -q and -v exclude each other", p->command->name);
	if (p->common.quiet)
		err_verbosity(QUIET);
	if (p->common.verbose)
		err_verbosity(VERBOSE);
	if (!strcmp(color, "auto"))
		color_when = COLOR_AUTO;
	else if (!strcmp(color, "always"))
		color_when = COLOR_ALWAYS;
	else if (!strcmp(color, "never"))
		color_when = COLOR_NEVER;
	else
		return err("%s: --color: '%s' is not one of auto, always, never", p->command->name,
			   color);
	err_color(cmd_color(STDERR_FILENO));
	return 0;
}

static void help_options(const struct opt *o, struct buf *out)
{
	struct buf left = BUF_INIT;

	for (; o && o->name; o++) {
		buf_reset(&left);
		if (o->letter)
			buf_fmt(&left, "-%c, ", o->letter);
		else
			buf_str(&left, "    ");
		buf_fmt(&left, "--%s%s%s", o->name, o->arg ? "=" : "", o->arg ? o->arg : "");
		buf_fmt(out, "  %-26s  %s\n", buf_text(&left), o->help);
	}
	buf_release(&left);
}

void cmd_help(const struct program *program, const struct command *command, struct buf *out)
{
	buf_fmt(out, "usage: %s %s [options]%s%s\n\n%s: %s\n", program->name, command->name,
		command->args[0] ? " " : "", command->args, command->name, command->summary);
	if (command->about)
		buf_fmt(out, "\n%s\n", command->about);
	buf_str(out, "\noptions:\n");
	help_options(command->options, out);
	help_options(common, out);
}

static void program_help(const struct program *program, struct buf *out)
{
	const struct command *const *c;

	buf_fmt(out, "usage: %s COMMAND [options] [arguments]\n\n%s: %s\n\ncommands:\n",
		program->name, program->name, program->summary);
	for (c = program->commands; *c; c++)
		buf_fmt(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	buf_fmt(out, "\n`%s COMMAND -h` tells a command's options.\n"
		"exit codes: 0 accepted or done, 1 rejected, 2 usage or configuration error (nothing was run),\n"
		"            3 inconclusive, 4 could not measure\n", program->name);
}

static const struct command *find_command(const struct program *program, const char *name)
{
	const struct command *const *c;
	struct buf hint = BUF_INIT;
	struct near near;

	near_init(&near, name);
	for (c = program->commands; *c; c++) {
		if (!strcmp((*c)->name, name))
			return *c;
		near_offer(&near, (*c)->name);
	}
	near_hint(&near, &hint);
	err("unknown command '%s'%s", name, buf_text(&hint));
	buf_release(&hint);
	return NULL;
}

/* Output that did not reach its reader (a full disk, a closed pipe) is no success. */
static int finish(int ret)
{
	if (fflush(stdout) || ferror(stdout)) {
		if (ret == EXIT_CANNOT)
			return ret;	/* said where it was noticed */
		err("write to standard output: %m");
		return ret == EXIT_ACCEPT ? EXIT_CANNOT : ret;
	}
	return ret < 0 ? EXIT_CANNOT : ret;
}

static int print_help(const struct program *program, const struct command *command)
{
	struct buf text = BUF_INIT;

	if (command)
		cmd_help(program, command, &text);
	else
		program_help(program, &text);
	fwrite(text.s, 1, text.len, stdout);
	buf_release(&text);
	return finish(EXIT_ACCEPT);
}

static int wrong_count(const struct program *program, const struct command *c, int n)
{
	if (n < c->min)
		err("%s: too few arguments (%d); usage: %s %s [options] %s", c->name, n,
		    program->name, c->name, c->args);
	else
		err("%s: too many arguments (%d); usage: %s %s [options]%s%s", c->name, n,
		    program->name, c->name, c->args[0] ? " " : "", c->args);
	return EXIT_USAGE;
}

static void free_lists(struct parser *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->opt[i]->kind == OPT_KIND_LIST && !is_common(p->opt[i]))
			free(((struct opt_list *)((char *)p->own + p->opt[i]->offset))->text);
}

static int run_command(const struct program *program, const struct command *command, int argc,
		       char **argv)
{
	struct parser p = { .command = command };
	struct invocation call;
	int first, ret = EXIT_USAGE;

	p.own = xcalloc(1, command->options_size);
	buf_ch(&p.shorts, ':');
	collect(&p, command->options);
	collect(&p, common);
	first = parse(&p, argc, argv);
	if (first < 0)
		goto out;
	if (p.common.help) {
		ret = print_help(program, command);
		goto out;
	}
	if (apply_common(&p))
		goto out;
	call = (struct invocation){ p.own, argc - first, argv + first };
	if (call.argc < command->min || (command->max >= 0 && call.argc > command->max))
		ret = wrong_count(program, command, call.argc);
	else
		ret = finish(command->run(&call));
out:
	free_lists(&p);
	free(p.own);
	free(p.longs);
	free(p.opt);
	buf_release(&p.shorts);
	return ret;
}

/*
 * A program started without a standard stream (`>&-`) would get its number for the
 * next file it opens, and print into that. Read-only: a write to it stays an error.
 */
static void fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int cmd_main(const struct program *program, int argc, char **argv)
{
	const struct command *command;

	fill_standard_streams();
	err_program(program->name);
	if (argc < 2) {
		err("no command given; `%s -h` lists them", program->name);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", program->name, program->version);
		return finish(EXIT_ACCEPT);
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    (!strcmp(argv[1], "help") && argc == 2))
		return print_help(program, NULL);
	if (!strcmp(argv[1], "help")) {
		command = find_command(program, argv[2]);
		return command ? print_help(program, command) : EXIT_USAGE;
	}
	command = find_command(program, argv[1]);
	return command ? run_command(program, command, argc - 1, argv + 1) : EXIT_USAGE;
}
