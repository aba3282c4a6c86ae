# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests/system/*.sh to source: TAP from shell. ROOT and BUILD (absolute) come
# from the runner; every script gets a directory of its own, removed at the end.

set -u
ROOT=${ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-$ROOT/build}
PATH=$BUILD:$PATH
export LC_ALL=C
tap_count=0
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/foliobench-system.XXXXXX")
trap 'rm -rf "$tap_dir"' EXIT
cd "$tap_dir" || exit 4

# tap RESULT NAME: RESULT is the exit code of what was checked; detail, if any, comes on stdin as comments
tap() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
	fi
}

comment() {
	sed 's/^/# /'
}

tap_skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# expect NAME EXIT STDERR_PATTERN COMMAND...: the exit code, and an extended regular expression that stderr must
# match ("" for none: stderr must be empty). stdout is left in ./out, stderr in ./err.
expect() {
	local name=$1 want=$2 pattern=$3 got=0
	shift 3
	"$@" >out 2>err </dev/null || got=$?
	if [ "$got" -ne "$want" ]; then
		tap 1 "$name"
		{ echo "exit code $got, expected $want: $*"; tail -n 20 out err; } | comment
	elif [ -z "$pattern" ] && [ -s err ]; then
		tap 1 "$name"
		{ echo "stderr is not empty:"; cat err; } | comment
	elif [ -n "$pattern" ] && ! grep -Eq -- "$pattern" err; then
		tap 1 "$name"
		{ echo "stderr does not match $pattern:"; cat err; } | comment
	else
		tap 0 "$name"
	fi
}

tap_end() {
	echo "1..$tap_count"
}
