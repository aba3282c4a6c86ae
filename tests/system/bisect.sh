#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `git bisect run foliogate try --bisect` on a real history: a repository of patches to the kernel, as quilt and -mm have
# them, one of which makes every write take STAC and CLAC twice. And the baseline against itself, rebuilt: no change.
. "$(dirname "$0")/../tap.sh"

export FOLIOBENCH_CONFIGS=$ROOT/configs FOLIOBENCH_RESULTS=$tap_dir/results
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
job=$tap_dir/small.yaml
sed 's/kernel: mutants$/kernel: small/' "$ROOT/tests/jobs/mutants.yaml" >"$job"
mutants=$ROOT/tests/mutants

if ! command -v qemu-system-x86_64 >/dev/null; then
	echo "1..0 # SKIP qemu-system-x86_64 is not installed"
	exit 0
fi

commit() { # SUBJECT
	git -C series add -A
	git -C series commit -q -m "$1"
}

add() { # PATCH
	cp "$1" series/patches/
	commit "$(basename "$1" .patch)"
}

git init -q -b main series
mkdir series/patches
echo 'patches to Linux' >series/README
commit "an empty series"
good=$(git -C series rev-parse HEAD)
add "$mutants/comment-only.patch"
add "$mutants/printk-changed.patch"
add "$ROOT/tests/kernels/does-not-compile.patch"
rm series/patches/does-not-compile.patch
add "$mutants/help-text.patch"
add "$mutants/write-touches-source-twice.patch"
bad=$(git -C series rev-parse HEAD)
add "$mutants/unused-inline.patch"

cat >judge <<END
#!/bin/sh
foliogate try --bisect -q --no-plots --job '$job' patches/*.patch >>'$tap_dir/verdicts' 2>>'$tap_dir/said'
code=\$?
echo "\$code \$(git log -1 --format=%s)" >>'$tap_dir/steps'
exit \$code
END
chmod +x judge
echo "# building the small kernel where the cache has it not, twice, and three patched ones: some minutes" >&2
git -C series bisect start main "$good" >started 2>&1 || comment <started
expect "git bisect run comes to an end" 0 "" git -C series bisect run "$tap_dir/judge"
comment <steps
found=$(git -C series rev-parse refs/bisect/bad)
[ "$found" = "$bad" ]
tap $? "and finds the patch that touches its source twice"
grep -q "^1 write-touches-source-twice" steps
tap $? "which was rejected"
grep -Eq '^reject: write/.* \+1 STAC/CLAC pair per op' verdicts
tap $? "for a pair of STAC and CLAC"
[ "$(grep -c '^0 ' steps)" -ge 1 ]
tap $? "another commit was accepted"

# What does not build is skipped, whether bisection happens to come by it or not.
git -C series checkout -q "$(git -C series log --format='%H %s' main | awk '$2 == "does-not-compile" { print $1 }')"
(cd series && "$tap_dir/judge")
[ "$(tail -n 1 steps)" = "125 does-not-compile" ]
tap $? "a commit that does not compile is neither good nor bad"

expect "the baseline is unchanged against itself, rebuilt from nothing" 0 "" \
	foliogate run -q --no-plots --only-aa "$ROOT/tests/jobs/try-small.yaml"
head -n 12 out | grep -Eq '^accept: nothing regressed: [0-9]+ findings unchanged, 0 improved'
tap $? "by every count that the gate names"
grep -q '"rebuild": *true' results/*/plan.json
tap $? "and it was rebuilt"
expect "A/A wants a job that names kernels" 2 "names none" foliogate run --aa "$ROOT/configs/jobs/quick.yaml"

tap_end
