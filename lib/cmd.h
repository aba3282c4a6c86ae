/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands and their options: one table a program, one local option table a
 * command, from which parsing, help, near misses and the tests all follow.
 *
 *	struct plot_opts { const char *terminal; bool png; };
 *	static const struct opt plot_options[] = {
 *		OPT_TEXT(struct plot_opts, terminal, 't', "terminal", "NAME", "draw with this gnuplot terminal"),
 *		OPT_FLAG(struct plot_opts, png, 0, "png", "also write PNG"),
 *		OPT_END
 *	};
 *	const struct command plot_command = {
 *		.name = "plot", .args = "RUN", .summary = "draw a run's figures", .run = plot,
 *		.options = plot_options, .options_size = sizeof(struct plot_opts), .min = 1, .max = 1,
 *	};
 */
#ifndef LIB_CMD_H
#define LIB_CMD_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum opt_kind { OPT_KIND_FLAG, OPT_KIND_TEXT, OPT_KIND_LIST };

struct opt {
	char letter;		/* 0: none */
	const char *name;
	const char *arg;	/* what help calls the argument; NULL for flags */
	const char *help;	/* one line, no full stop */
	enum opt_kind kind;
	size_t offset;		/* of the destination in the command's options struct */
};

/* Destination of an option that may be given several times. */
struct opt_list {
	const char **text;
	size_t n;
};

#define OPT_FLAG(type, member, letter, name, help) \
	{ letter, name, NULL, help, OPT_KIND_FLAG, offsetof(type, member) }	/* bool */
#define OPT_TEXT(type, member, letter, name, arg, help) \
	{ letter, name, arg, help, OPT_KIND_TEXT, offsetof(type, member) }	/* const char * */
#define OPT_MANY(type, member, letter, name, arg, help) \
	{ letter, name, arg, help, OPT_KIND_LIST, offsetof(type, member) }	/* struct opt_list */
#define OPT_END { 0, NULL, NULL, NULL, OPT_KIND_FLAG, 0 }

struct invocation {
	const void *options;	/* the command's options struct: zeroed, then filled */
	int argc;		/* what is left, options taken out, command name not included */
	char **argv;		/* argv[argc] is NULL */
};

struct command {
	const char *name;
	const char *args;		/* "RUN | A B", "" for none */
	const char *summary;		/* one line, no full stop */
	const char *about;		/* paragraphs under the usage line in help; NULL: none */
	const struct opt *options;	/* OPT_END at the end; NULL: none of its own */
	size_t options_size;
	int min, max;			/* how many arguments; max -1: any number */
	int (*run)(const struct invocation *call);	/* returns an enum exitcode; negative means EXIT_CANNOT */
};

struct program {
	const char *name;
	const char *summary;
	const char *version;
	const struct command *const *commands;	/* NULL at the end */
};

/*
 * Every command takes -h, -v, -q and --color besides its own options; the
 * program takes -h, --version, `help` and `help COMMAND`. A wrong option or
 * number of arguments is EXIT_USAGE. Returns main()'s value.
 */
int cmd_main(const struct program *program, int argc, char **argv);

/* May a command colour what it writes to fd? By --color, else if fd is a terminal and NO_COLOR is not set. */
bool cmd_color(int fd);

/* A command's whole help text. */
void cmd_help(const struct program *program, const struct command *command, struct buf *out);

#endif
