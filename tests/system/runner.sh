#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Does tests/run see what went wrong? A small tree whose tests fail in every
# known way; what cmocka 1.1.5 prints was recorded from it. TAP.

# shellcheck disable=SC2016 # dollars that make expands
set -u
export LC_ALL=C
root=$(readlink -f -- "$(dirname -- "$(readlink -f -- "$0")")/../..")
tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT
unset O
tree="$tmp/a tree"
n=0

verdict() # STATUS SENTENCE
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/out"
	fi
}

new_tree()
{
	rm -rf "$tree"
	mkdir -p "$tree/tests/unit" "$tree/tests/system"
	cp "$root/tests/run" "$tree/tests/run"
	printf '.PHONY: all tests headers\nall tests headers:\n\t@:\n' >"$tree/Makefile"
}

# A system test that runs what is on standard input.
holds()
{
	{ echo '#!/bin/bash'; cat; } >"$tree/tests/system/it.sh"
	chmod +x "$tree/tests/system/it.sh"
}

go()
{
	status=0
	(cd / && exec "$tree/tests/run" "$@") >"$tmp/out" 2>&1 </dev/null || status=$?
}

# The build is one test that passes in each of these.
ends_with() # STATUS LAST_LINE SENTENCE
{
	[ "$status" = "$1" ] && [ "$(tail -n 1 "$tmp/out")" = "$2" ]
	verdict $? "$3"
}

shows() # TEXT SENTENCE
{
	grep -qF -- "$1" "$tmp/out"
	verdict $? "$2"
}

new_tree
holds <<'END'
echo 1..1
echo 'ok 1 - nothing to see'
rm -f build/test-logs/system-it.tap
END
go system/it
ends_with 1 '1 passed, 1 failed' 'what was printed and is gone has failed'

new_tree
holds <<'END'
echo 1..2
echo 'ok 1 - a'
echo 'ok 2 - b'
END
go system
ends_with 0 '3 passed, 0 failed' 'what passes passes'

holds <<'END'
echo 'ok 1 - a'
echo 'ok 2 - b # SKIP no such file system'
echo 1..2
END
go system
ends_with 0 '2 passed, 0 failed, 1 skipped' 'a skip is counted apart, and the plan may come last'
shows 'skipped: b: no such file system' 'a skip gives its reason'

holds <<'END'
echo 1..3
echo 'ok 1 - passes'
echo 'needs two NUMA nodes'
echo 'not ok 2 # SKIP skips'
echo 'not ok 3 - fails'
echo '# 0x1 != 0x2'
echo 'from standard error' >&2
exit 1
END
go system
ends_with 1 '2 passed, 1 failed, 1 skipped' "cmocka's skip is no failure, its failure is one"
shows 'skipped: skips: needs two NUMA nodes' "cmocka's skip has its reason on the lines before it"
shows '0x1 != 0x2' 'a failure shows what the test printed'
shows 'from standard error' 'a failure shows standard error as well'

holds <<'END'
echo 1..3
echo 'not ok 0 - group [  FAILED  ] GROUP SETUP'
echo '# ok - group'
exit 1
END
go system
ends_with 1 '1 passed, 1 failed' "cmocka's failed group setup is one failure"

holds <<'END'
echo 1..2
echo 'ok 1 - a'
kill -SEGV $$
END
go system
ends_with 1 '2 passed, 2 failed' 'a program that dies fails, and so does its plan'
shows 'died of signal 11' 'the signal is named'

holds <<'END'
echo 1..2
echo 'ok 1 - a'
END
go system
ends_with 1 '2 passed, 1 failed' 'a plan that is not kept fails'

holds <<'END'
echo 1..1
echo 'ok 1 - a'
exit 98
END
go system
ends_with 1 '2 passed, 1 failed' 'an exit code that no test explains fails (valgrind, sanitizers)'

holds <<'END'
echo 1..2
echo 'ok 1 - a'
echo 'ok 7 - printed by the code under test'
echo 'ok 2 - b'
END
go system
ends_with 1 '3 passed, 1 failed' 'a number out of turn fails'

holds <<<'echo 1..0'
go system
ends_with 1 '1 passed, 1 failed' 'an empty group fails'
holds <<<'echo "1..0 # SKIP no /dev/full"'
go system
ends_with 0 '1 passed, 0 failed, 1 skipped' 'a whole file may be skipped'
shows 'no /dev/full' 'and says why'
holds <<<'exit 0'
go system
ends_with 1 '1 passed, 1 failed' 'printing nothing fails'
holds <<<'echo 1..1; echo ok 1 - a; echo Bail out! broken'
go system
ends_with 1 '2 passed, 1 failed' 'bailing out fails'

new_tree
printf '#include <stdio.h>\n' >"$tree/tests/unit/test_topo.c"
go unit
ends_with 1 '1 passed, 1 failed' 'a unit test that was not built fails'
go nosuch
ends_with 1 '0 passed, 0 failed' 'where nothing runs it fails'
go --list
grep -qx 'asan/test_topo' "$tmp/out" && grep -qx 'valgrind/test_topo' "$tmp/out"
verdict $? 'each unit test also runs with sanitizers and under valgrind'

printf 'all tests headers:\n\t@echo cc: no such thing; exit 1\n' >"$tree/Makefile"
go
ends_with 1 '0 passed, 1 failed' 'a build that fails is one failure, and ends it'
shows 'cc: no such thing' 'and shows why'

echo "1..$n"
