#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The cache of sources and packages with real git, tar, apt and dpkg: what kill -9, a full disk, two at once and
# no network leave of it.
. "$(dirname "$0")/../tap.sh"

# .flags is the compiler with all that this build was compiled and linked with.
if ! [ -e "$BUILD/parts.a" ] || ! (cd "$ROOT" && eval "$(cat "$BUILD/.flags")" -o "$tap_dir/cache-user" \
		tests/system/cache_user.c "$BUILD/parts.a" -lgcrypt) 2>err; then
	tap_skip "the cache" "the program that uses it cannot be built here: $(head -n 1 err 2>/dev/null)"
	tap_end
	exit 0
fi
PATH=$tap_dir:$PATH
# In memory where that can be: what takes time here is to sync.
cache=$(mktemp -d /dev/shm/foliobench-system.XXXXXX 2>/dev/null) || cache=$tap_dir/cache
trap 'rm -rf "$cache" "$tap_dir"' EXIT
export HOME=$tap_dir XDG_CACHE_HOME=$cache GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
sources=$XDG_CACHE_HOME/foliobench/sources

# Enough files that every step takes some time.
mkdir -p linux && cd linux || exit 4
printf 'VERSION = 6\nPATCHLEVEL = 12\n' >Makefile
touch Kconfig
for d in mm fs net; do
	mkdir $d
	for f in $(seq 600); do
		echo "int $d$f;" >$d/$f.c
	done
done
git init -q . && git add -A && git commit -qm one && git tag v6.12
cd ..
cp -r linux plain && rm -rf plain/.git

# Every entry that is there is whole.
all_whole() {
	local entry
	for entry in "$sources"/*/tree; do
		[ -d "$entry" ] || continue
		diff -r "$entry" plain >/dev/null || return 1
	done
}

# Kill each way to get a source at moments spread over the time it takes when nothing disturbs it.
bad=0 kills=0 late=0
for what in "git $PWD/linux v6.12" "tree $PWD/linux" "tree $PWD/plain"; do
	rm -rf "$sources"
	before=$(date +%s%N)
	# shellcheck disable=SC2086 # words
	cache-user $what >/dev/null 2>&1
	whole=$(($(date +%s%N) - before))
	for part in 5 15 25 35 45 55 65 75; do
		delay=$(awk -v ns=$whole -v part=$part 'BEGIN { printf "%.4f", ns / 1e9 * part / 100 }')
		rm -rf "$sources"
		# shellcheck disable=SC2086 # words
		cache-user $what >/dev/null 2>&1 &
		pid=$!
		sleep $delay
		kill -9 $pid 2>/dev/null && kills=$((kills + 1))
		wait $pid 2>/dev/null
		all_whole || { bad=1; echo "# half an entry after $delay s of $what"; }
	done
	sleep 0.3
	pgrep -f "$cache/" >/dev/null && late=1
	# shellcheck disable=SC2086
	cache-user $what >out 2>err || { bad=1; comment <err; }
	diff -r "$(cat out)" plain >/dev/null || { bad=1; echo "# $what: not what it should be"; }
done
tap $bad "killed $kills times: no entry is ever half there, and the next one makes it whole"
[ $kills -ge 12 ]
tap $? "the kills did hit (at least 12 of them)"
tap $late "none of the killed ones leaves a git or tar running"
[ -z "$(ls "$XDG_CACHE_HOME/foliobench/new")" ]
tap $? "nothing that was being made is left lying"

rm -rf "$sources"
for i in 1 2 3 4; do
	cache-user git "$PWD/linux" v6.12 >out$i 2>err$i &
done
wait
[ "$(cat out? | sort -u | wc -l)" -eq 1 ] && [ "$(cat out? | wc -l)" -eq 4 ] && [ "$(cat err? | grep -c '^copying /')" -eq 1 ]
tap $? "four at once: one copies, all have it"
all_whole
tap $? "and it is whole"

rm -rf "$sources"
env --default-signal=INT cache-user git "$PWD/linux" v6.12 >out 2>err &
pid=$!
sleep 0.05
kill -INT $pid
wait $pid
code=$?
{ [ $code -eq 4 ] && ! grep -q error err; } || [ $code -eq 0 ]
tap $? "an interrupt ends it without a complaint"

# Root may write everywhere but here.
XDG_CACHE_HOME=/proc/none expect "a cache directory that cannot be made" 4 "/proc/none/foliobench.*XDG_CACHE_HOME" \
	cache-user tree "$PWD/plain"
[ "$(wc -l <err)" -eq 1 ]
tap $? "one error, not several"
if [ "$(id -u)" -ne 0 ]; then
	mkdir -p closed/foliobench && chmod a-w closed/foliobench
	XDG_CACHE_HOME=$PWD/closed expect "a cache that must not be written to" 4 "Permission denied|No such file" \
		cache-user tree "$PWD/plain"
	[ "$(grep -c error: err)" -eq 1 ]
	tap $? "is one error too"
else
	tap_skip "a cache that must not be written to" "root may write everywhere"
fi

mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=3m small small 2>/dev/null; then
	trap 'cd /; umount "$tap_dir/small"; rm -rf "$cache" "$tap_dir"' EXIT
	for what in "git $PWD/linux v6.12" "tree $PWD/linux" "tree $PWD/plain"; do
		# shellcheck disable=SC2086
		XDG_CACHE_HOME=$PWD/small expect "a full disk: ${what%% *} ${what##*/}" 4 \
			"No space left on device.*XDG_CACHE_HOME" cache-user $what
		[ "$(grep -c error: err)" -eq 1 ] && [ -z "$(ls small/foliobench/new small/foliobench/sources | grep -v :)" ]
		tap $? "one error, and nothing is left"
	done
	mount -o remount,size=64m small
	XDG_CACHE_HOME=$PWD/small expect "after making room it works" 0 "^copying" cache-user tree "$PWD/plain"
else
	tap_skip "a really full disk" "mounting a small tmpfs needs root"
fi

# Real packages: linux-base is small, and of every Debian.
rm -rf "$XDG_CACHE_HOME"
if ! command -v apt-get >/dev/null; then
	tap_skip "packages" "not a Debian system"
elif ! cache-user package linux-base all >out 2>err && grep -Eq 'resolving|connect|no lists|not be had' err; then
	tap_skip "packages" "no network: $(tail -n 1 err)"
else
	[ -s out ] && [ -e "$(cat out)/usr/share/doc/linux-base" ]
	tap $? "a package is fetched and unpacked"
	[ "$(ls "$XDG_CACHE_HOME/foliobench/debs" | grep -c linux-base_)" -eq 1 ]
	tap $? "into one entry of the cache"
	expect "the second time it is there" 0 "" cache-user package linux-base all
	expect "a name that nobody knows" 4 "no package linux-bose .*did you mean" cache-user package linux-bose all
	expect "a version that nobody has" 4 "in version 0.1; there is " cache-user package linux-base=0.1 all
	foreign=arm64
	[ "$(dpkg --print-architecture)" != arm64 ] || foreign=amd64
	expect "another architecture has its own packages" 4 "for $foreign in version 9; there is " \
		cache-user package "linux-image-cloud-$foreign=9" $foreign
fi
tap_end
