#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Both programs as a user meets them. TAP.
#
#	tests/cli.sh [NAME...]			all goldens and the tables of commands, or the goldens named
#	tests/cli.sh --update [NAME...]		rewrite what the goldens expect: read the diff before committing it
#
# A golden is tests/cli/NAME.sh beside what it must print and return:
# NAME.stdout and NAME.stderr (absent: nothing) and NAME.exit (absent: 0). It
# runs in an empty directory of its own with both programs in PATH and ROOT
# set to the source tree. What differs from run to run it takes out itself,
# with sed, in plain sight.

set -u
ROOT=$(readlink -f -- "$(dirname -- "$(readlink -f -- "$0")")/..")
cd -- "$ROOT" || exit 4
build=$(readlink -f -- "${O:-build}")
export ROOT LC_ALL=C PATH=$build:$PATH
unset NO_COLOR TERM COLUMNS FOLIOBENCH_RESULTS
goldens=tests/cli
n=0

for program in foliobench foliogate; do
	[ -x "$build/$program" ] || { echo "Bail out! $build/$program is not built"; exit 4; }
done
tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT

# verdict STATUS SENTENCE: one TAP line; what $tmp/why holds goes with a failure.
verdict()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/why"
	fi
}

# Runs a golden; leaves $tmp/{stdout,stderr,exit}.
run_golden()
{
	local dir=$tmp/$1

	mkdir "$dir"
	(cd "$dir" && HOME=$dir TMPDIR=$dir exec sh "$ROOT/$goldens/$1.sh") \
		>"$tmp/stdout" 2>"$tmp/stderr" </dev/null
	echo $? >"$tmp/exit"
	rm -rf "$dir"
}

# What a golden expects: the file, or what its absence means.
expected()
{
	if [ -e "$goldens/$1" ]; then
		cat "$goldens/$1"
	elif [[ $1 = *.exit ]]; then
		echo 0
	fi
}

check_golden()
{
	local part

	run_golden "$1"
	: >"$tmp/why"
	for part in exit stdout stderr; do
		expected "$1.$part" |
			diff -u --label "expected $part" --label "actual $part" - "$tmp/$part" >>"$tmp/why"
	done
	[ ! -s "$tmp/why" ]
	verdict $? "golden $1"
}

update_golden()
{
	local part

	run_golden "$1"
	for part in exit stdout stderr; do
		if { [ $part = exit ] && [ "$(cat "$tmp/exit")" = 0 ]; } || [ ! -s "$tmp/$part" ]; then
			rm -f "$goldens/$1.$part"
		elif ! cmp -s "$tmp/$part" "$goldens/$1.$part"; then
			cp "$tmp/$part" "$goldens/$1.$part"
			echo "# wrote $goldens/$1.$part"
		fi
	done
}

# run PROGRAM ARG...: leaves stdout, stderr and status, and all of it in $tmp/why.
run()
{
	status=0
	"$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null || status=$?
	{
		echo "$* exited with $status"
		sed 's/^/stdout: /' "$tmp/stdout"
		sed 's/^/stderr: /' "$tmp/stderr"
	} >"$tmp/why"
}

commands_of()
{
	"$1" -h | sed -n '/^commands:$/,/^$/s/^  \([^ ]*\) .*/\1/p'
}

helps_on_stdout_alone() # USAGE
{
	[ "$status" = 0 ] && [ ! -s "$tmp/stderr" ] && grep -q "^usage: $1" "$tmp/stdout"
}

refuses_and_hints() # HINT: one line on stderr, nothing on stdout
{
	[ "$status" = 2 ] && [ ! -s "$tmp/stdout" ] && [ "$(wc -l <"$tmp/stderr")" = 1 ] &&
		grep -qF -- "(did you mean '$1'?)" "$tmp/stderr"
}

# The tables themselves say which commands there are, so a new one is tested by being there.
check_tables()
{
	local program=$1 commands command

	mapfile -t commands < <(commands_of "$program")
	run "$program" -h
	helps_on_stdout_alone "$program" && [ ${#commands[@]} != 0 ]
	verdict $? "$program -h lists its commands"
	run "$program" --version
	[ "$status" = 0 ] && [ ! -s "$tmp/stderr" ] && [ "$(wc -l <"$tmp/stdout")" = 1 ]
	verdict $? "$program --version is one line"
	run "$program"
	[ "$status" = 2 ] && [ ! -s "$tmp/stdout" ] && [ -s "$tmp/stderr" ]
	verdict $? "$program alone is wrong usage"
	run "$program" "${commands[0]-}x"
	refuses_and_hints "${commands[0]-}"
	verdict $? "$program refuses an unknown command with a near miss"
	for command in "${commands[@]}"; do
		run "$program" "$command" -h
		helps_on_stdout_alone "$program $command"
		verdict $? "$program $command -h helps"
		run "$program" help "$command"
		helps_on_stdout_alone "$program $command"
		verdict $? "$program help $command helps"
		run "$program" "$command" --hepl
		refuses_and_hints --help
		verdict $? "$program $command refuses an unknown option with a near miss"
	done
}

# On a full disk help that was not written is no success either.
check_full_disk()
{
	local status=0

	[ -e /dev/full ] || return
	"$1" -h >/dev/full 2>"$tmp/why" || status=$?
	[ "$status" = 4 ] && [ -s "$tmp/why" ]
	verdict $? "$1 -h to a full disk fails"
}

update=no
[ "${1-}" != --update ] || { update=yes; shift; }
names=("$@")
if [ $# = 0 ]; then
	for script in "$goldens"/*.sh; do
		[ ! -e "$script" ] || names+=("$(basename "$script" .sh)")
	done
fi
for name in "${names[@]}"; do
	[ -e "$goldens/$name.sh" ] || { echo "Bail out! there is no $goldens/$name.sh"; exit 2; }
done

for name in "${names[@]}"; do
	if [ $update = yes ]; then
		update_golden "$name"
	else
		check_golden "$name"
	fi
done
[ $update = no ] || exit 0
if [ $# = 0 ]; then
	for program in foliobench foliogate; do
		check_tables "$program"
		check_full_disk "$program"
	done
	for part in "$goldens"/*.{stdout,stderr,exit}; do
		if [ -e "$part" ] && [ ! -e "${part%.*}.sh" ]; then
			echo "nothing reads $part" >"$tmp/why"
			verdict 1 "each expectation belongs to a golden"
		fi
	done
fi
echo "1..$n"
