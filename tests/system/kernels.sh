#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building kernels: what is kept and found again, what becomes of patches, fragments and sources that are wrong, of
# builds that are killed, and of two at once. The kernel is a stand-in with two files of C, whose Makefile takes
# what kbuild takes, so that a build takes a second; kernels-real.sh builds a real one.
. "$(dirname "$0")/../tap.sh"

export XDG_CACHE_HOME=$tap_dir/xdg HOME=$tap_dir FOLIOBENCH_CONFIGS=$tap_dir/configs
cache=$XDG_CACHE_HOME/foliobench
mkdir -p tree/mm tree/kernel tree/include/linux tree/arch/x86/configs configs/kernels xdg

# Symbols that its kconfig knows: A, B and SLOW; of those it keeps the last word.
cat >tree/Kconfig <<'END'
config A
config B
config SLOW
END
cat >tree/Makefile <<'EOF2'
VERSION = 6
PATCHLEVEL = 99
SUBLEVEL = 1
KCONFIG_CONFIG ?= $(O)/.config
export KCONFIG_CONFIG
objs := $(O)/mm/filemap.o $(O)/kernel/main.o
slow := $(if $(shell grep -s SLOW=y $(O)/.config),slow)

tinyconfig:
	@mkdir -p $(O) && echo 'CONFIG_A=y' >$(KCONFIG_CONFIG)
	@echo '  GEN     Makefile'
olddefconfig:
	@awk 'NR == FNR { known[$$2]; next } \
		match($$0, /CONFIG_[A-Z_]*/) { s = substr($$0, RSTART + 7, RLENGTH - 7); if (s in known) last[s] = $$0 } \
		END { for (s in last) print last[s] }' Kconfig $(KCONFIG_CONFIG) | sort >$(KCONFIG_CONFIG).new
	@mv $(KCONFIG_CONFIG).new $(KCONFIG_CONFIG)
vmlinux: $(objs) $(slow)
	@echo '  LD      vmlinux'
	@gcc -nostdlib -static -Wl,--build-id=none,-e,start -o $(O)/vmlinux $(objs)
	@mkdir -p $(O)/include/config && echo 6.99.1 >$(O)/include/config/kernel.release
	@echo '  NM      System.map' && nm $(O)/vmlinux >$(O)/System.map
bzImage Image: vmlinux
	@mkdir -p $(O)/arch/$(ARCH)/boot && echo '  BUILD   arch/$(ARCH)/boot/$@' && cp $(O)/vmlinux $(O)/arch/$(ARCH)/boot/$@
slow:
	@echo '  SLOW    sleep' && sleep 31.4159
$(O)/%.o: %.c
	@mkdir -p $(@D) && echo '  CC      $*.o'
	@gcc -O1 -Wall -ffreestanding -I$(CURDIR)/include -MMD -MF $(@D)/.$(notdir $@).d -c -o $@ $(CURDIR)/$<
	@cp $(@D)/.$(notdir $@).d $(@D)/.$(notdir $@).cmd
-include $(wildcard $(O)/*/.*.d)
.PHONY: tinyconfig olddefconfig vmlinux bzImage Image slow
EOF2
cat >tree/include/linux/fs.h <<'END'
#define BLOCK 4096
END
cat >tree/mm/filemap.c <<'END'
#include <linux/fs.h>

int filemap_read(int n)
{
	return n * BLOCK;
}
END
cat >tree/kernel/main.c <<'END'
int filemap_read(int n);

void start(void)
{
	for (;;)
		filemap_read(1);
}
END

spec() {	# NAME LINE...: a spec of the tree
	local name=$1
	shift
	{ printf 'kernel: %s\ntree: %s/tree\nconfig: tinyconfig\n' "$name" "$tap_dir"; printf '%s\n' "$@"; } \
		>"configs/kernels/$name.yaml"
}

patch_line() {	# FILE OLD NEW: a patch that changes line 5 of mm/filemap.c
	printf -- '--- a/mm/filemap.c\n+++ b/mm/filemap.c\n@@ -2,5 +2,5 @@\n \n int filemap_read(int n)\n {\n-\t%s\n+\t%s\n }\n' \
		"$2" "$3" >"$1"
}

path_of() {	# WHAT, of ./out
	awk -v what="$1" '$1 == what { print $2 }' out
}

nothing_left() {	# NAME: no file of a build, no process of one
	! find "$cache/new" "$cache/place" -mindepth 1 ! -name alive | grep -q . &&
		! pgrep -f 'sleep 31.4159' >/dev/null
	tap $? "$1: nothing is left of it"
}

spec plain
expect "a kernel is built" 0 "CC (mm|kernel)/|copying the source" foliogate build plain
for f in image vmlinux config; do
	[ -f "$(path_of $f)" ]
	tap $? "and its $f is where it says"
done
[ "$(path_of release)" = 6.99.1 ] && [ "$(path_of key | wc -c)" -eq 65 ]
tap $? "with its release and its key"
base=$(path_of vmlinux) base_key=$(path_of key)
nothing_left "a build"
expect "it is not built again" 0 "" foliogate build plain
[ "$(path_of vmlinux)" = "$base" ]
tap $? "but found in the cache"
expect "its configuration can be printed" 0 "" foliogate build plain --config
[ "$(cat out)" = CONFIG_A=y ]
tap $? "as it is"

patch_line p1.patch 'return n * BLOCK;' 'return n + BLOCK;'
expect "a patched kernel starts from the baseline's objects" 0 "copying the baseline" foliogate build plain --patch p1.patch
[ "$(path_of key)" != "$base_key" ] && ! cmp -s "$(path_of vmlinux)" "$base"
tap $? "and is another kernel"
! grep -q 'CC      kernel/main.o' "$cache/logs/$(path_of key).log" && grep -q 'CC      mm/filemap.o' "$cache/logs/$(path_of key).log"
tap $? "of which only what the patch touches is compiled"
patched_key=$(path_of key)
expect "and it is what a build from nothing gives" 0 "" foliogate build -q plain --patch p1.patch --verify
grep -q 'the same code and data' out
tap $? "which is said"
expect "a patch from standard input is the same patch" 0 "" bash -c 'exec foliogate build plain --patch - <p1.patch'
[ "$(path_of key)" = "$patched_key" ]
tap $? "with the same key"
expect "the tree is as it was" 0 "" grep -q 'return n \* BLOCK;' tree/mm/filemap.c
expect "the cached source, too" 0 "" grep -rq 'return n \* BLOCK;' "$cache/sources" --include=filemap.c
patch_line p2.patch 'return n + BLOCK;' 'return n * BLOCK;'
expect "two patches of which the second undoes the first give the baseline's code" 0 "" \
	foliogate build -q plain --patch p1.patch --patch p2.patch --verify
expect "a patch can be taken out" 0 "" foliogate build -q plain --reverse p2.patch
cmp -s "$(path_of vmlinux)" "$cache/kernels/$patched_key/vmlinux"
tap $? "which is to put its reverse in"

# Sources and headers that come and go.
cat >header.patch <<'END'
--- a/include/linux/fs.h
+++ b/include/linux/fs.h
@@ -1 +1 @@
-#define BLOCK 4096
+#define BLOCK 8192
END
expect "a change of a header" 0 "" foliogate build -q plain --patch header.patch --verify
cat >shadow.patch <<'END'
--- /dev/null
+++ b/arch/ARCH/include/linux/fs.h
@@ -0,0 +1 @@
+#define BLOCK 1
END
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x86 ;; esac
sed -i "s/ARCH/$arch/" shadow.patch
expect "a new header of a name that is there: built from nothing" 0 "adds a header of a name that is there already" \
	foliogate build plain --patch shadow.patch

cat >kconfig.patch <<'END'
--- a/Kconfig
+++ b/Kconfig
@@ -1,3 +1,4 @@
 config A
 config B
 config SLOW
+config C
END
printf 'CONFIG_C=y\n' >configs/kernels/c.config
spec c 'fragments: [c.config]' "patches: [$tap_dir/kconfig.patch]"
expect "a symbol that only a patch brings is missed in the baseline" 2 "c.config:1: CONFIG_C=y was asked for" \
	foliogate build c
expect "and there where it is built from nothing" 0 "" foliogate build -q c --clean --config
grep -qx CONFIG_C=y out
tap $? "with the patch"

# Objects from the future.
find "$cache/objects" -name filemap.o -exec touch -d 'next year' {} +
patch_line p3.patch 'return n * BLOCK;' 'return n - BLOCK;'
expect "objects that are newer than the patch are not trusted" 0 "the clock was set back" \
	foliogate build plain --patch p3.patch
grep -q 'CC      kernel/main.o' "$cache/logs/$(path_of key).log"
tap $? "all is compiled anew"
find "$cache/objects" -name filemap.o -exec touch -d '1 minute ago' {} +

# What the compiler warns of: of the files that were made again, and what the baseline's build said of the others.
kept() {	# of the kernel in ./out: FILE:LINE TEXT, sorted
	tr -d '\n' <"$cache/kernels/$(path_of key)/warnings.json" | grep -o '"file": "[^"]*", *"line": [0-9]*, *"column": [0-9]*, *"text": "[^"]*"' |
		sed 's/"file": "\([^"]*\)", *"line": \([0-9]*\),.*"text": "\(.*\)"/\1:\2 \3/' | sort
}
expect "a kernel without warnings" 0 "" foliogate build -q plain
[ -z "$(kept)" ] && grep -q '"whole": true' "$cache/kernels/$(path_of key)/warnings.json"
tap $? "is known to have none"
patch_line unused.patch 'return n * BLOCK;' 'int a; return n * BLOCK;'
expect "a patch that the compiler warns of" 0 "" foliogate build -q plain --patch unused.patch
[ "$(kept)" = "mm/filemap.c:5 unused variable 'a' [-Wunused-variable]" ]
tap $? "is kept with the warning"
mkdir warned
cp -r tree/. warned/
cat >warned/kernel/main.c <<'END'
static int nobody(void)
{
	return 0;
}
int filemap_read(int n);

void start(void)
{
	for (;;)
		filemap_read(1);
}
END
sed -i "s/return n \* BLOCK;/int a; &/" warned/mm/filemap.c
spec warned
sed -i "s|^tree:.*|tree: $tap_dir/warned|" configs/kernels/warned.yaml
expect "a source that the compiler warns of" 0 "" foliogate build -q warned
warned_key=$(path_of key)
[ "$(kept)" = "kernel/main.c:1 'nobody' defined but not used [-Wunused-function]
mm/filemap.c:5 unused variable 'a' [-Wunused-variable]" ]
tap $? "is kept with all of it"
cat >moves.patch <<'END'
--- a/mm/filemap.c
+++ b/mm/filemap.c
@@ -1,3 +1,5 @@
+/* two */
+/* lines */
 #include <linux/fs.h>
 
 int filemap_read(int n)
END
expect "a patch that moves a warning" 0 "copying the baseline" foliogate build warned --patch moves.patch
! grep -q 'kernel/main' "$cache/logs/$(path_of key).log"
tap $? "of which one file is compiled"
[ "$(kept)" = "kernel/main.c:1 'nobody' defined but not used [-Wunused-function]
mm/filemap.c:7 unused variable 'a' [-Wunused-variable]" ]
tap $? "has the other's as well, and that one once"
rm "$cache/kernels/$warned_key/warnings.json" "$cache/logs/$warned_key.log"
patch_line more.patch 'int a; return n * BLOCK;' 'int a; return n + BLOCK;'
expect "from a baseline whose warnings were not kept" 0 "" foliogate build -q warned --patch more.patch
[ "$(kept)" = "mm/filemap.c:5 unused variable 'a' [-Wunused-variable]" ] &&
	grep -q '"whole": false' "$cache/kernels/$(path_of key)/warnings.json"
tap $? "only those of what was made again are known"

# What is wrong.
patch_line bad.patch 'return n * BLOCK;' 'return n * no_such_name;'
expect "a compiler's error ends the build" 4 "error: kernel 'plain' does not build:" foliogate build plain --patch bad.patch
grep -q "^mm/filemap.c:5:20: error: 'no_such_name' undeclared" err && grep -q '^ *5 |.*no_such_name' err &&
	grep -q '^mm/filemap.c: In function' err && ! grep -q 'make\[\|Entering' err
tap $? "and shows the compiler's lines alone"
log=$(sed -n 's/^the whole log: //p' err)
grep -q 'make:.*\*\*\*' "$log"
tap $? "and where make's whole log is"
nothing_left "a failed build"
patch_line other.patch 'return n - 1;' 'return n;'
expect "a patch that does not apply" 2 "mm/filemap.c" foliogate build plain --patch other.patch
expect "a patch that is in the source already" 2 "p2.patch is in .* already" foliogate build plain --patch p2.patch
expect "a patch to take out that is not in it" 2 "p1.patch is out of .* already" foliogate build plain --reverse p1.patch
expect "a patch that is no file" 2 "open the patch ./nothing.patch" foliogate build plain --patch ./nothing.patch
expect "a patch that is a directory" 2 "Is a directory" foliogate build plain --patch tree
: >empty.patch
expect "an empty patch" 2 "empty.patch" foliogate build plain --patch empty.patch
expect "a kernel that there is not" 2 "no kernel spec 'plian' .*did you mean 'plain'" foliogate build plian
printf 'CONFIG_B=y\n\nCONFIG_NOSUCH=y\n' >configs/kernels/f.config
spec fragment 'fragments: [f.config]'
expect "a symbol that kconfig drops" 2 "f.config:3: CONFIG_NOSUCH=y was asked for, but it is not there" \
	foliogate build fragment
printf 'CONFIG_B=y\r\n' >configs/kernels/f.config
expect "a fragment from another system" 2 "f.config:1: .*carriage return" foliogate build fragment
: >configs/kernels/f.config
expect "an empty fragment" 2 "f.config is empty" foliogate build fragment
rm configs/kernels/f.config
expect "a fragment that is missing" 2 "read the fragment .*f.config: No such file" foliogate build fragment
printf 'CONFIG_B=y\n# CONFIG_A is not set\n' >configs/kernels/f.config
expect "a fragment that kconfig follows" 0 "" foliogate build -q fragment --config
grep -qx CONFIG_B=y out && grep -qx '# CONFIG_A is not set' out
tap $? "is in the configuration"
spec missing-tree
sed -i 's/^tree:.*/tree: nowhere/' configs/kernels/missing-tree.yaml
expect "a tree that is missing" 4 "nowhere" foliogate build missing-tree
spec defconfig
sed -i 's/tinyconfig/x86_65_defconfig/' configs/kernels/defconfig.yaml
expect "a defconfig that the source has not" 2 "'x86_65_defconfig' is not in arch/" foliogate build defconfig

mkdir few
for tool in sh env gcc ld make bc perl bison; do
	ln -s "$(command -v $tool)" few/
done
expect "a machine without flex is told what to install" 4 "programs are missing: apt-get install flex$" \
	env PATH="$tap_dir/few" "$(command -v foliogate)" build plain

# Killed, interrupted, two at once.
printf 'CONFIG_SLOW=y\n' >configs/kernels/slow.config
spec slow 'fragments: [slow.config]'
wait_for() {	# SECONDS COMMAND...
	local tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.05
	done
}
gone() {
	! pgrep -f 'sleep 31.4159'
}
foliogate build slow >out 2>err &
wait_for 60 pgrep -f 'sleep 31.4159'
tap $? "a slow build is under way"
{ kill -9 $! && wait $!; } 2>/dev/null
wait_for 5 gone
tap $? "killed, it takes all that it started along"
expect "the next build finds its way" 0 "" foliogate build -q plain --patch p3.patch --clean
nothing_left "the killed build"
foliogate build slow >out 2>err &
first=$!
wait_for 60 pgrep -f 'sleep 31.4159'
foliogate build plain --patch header.patch --reverse p2.patch >out2 2>err2 &
second=$!
wait_for 30 grep -q 'kernel slow' err2
tap $? "who waits for another build says for which"
kill -TERM $first
wait $first
tap $(($? != 4)) "an interrupted build ends as one that could not be"
wait $second
tap $? "and lets the next one build"
[ "$(grep -h error err err2)" = "foliogate: error: kernel 'slow': interrupted before it was ready" ]
tap $? "which is all that is said of it"
nothing_left "the interrupted build"
foliogate build -q plain --patch p1.patch --patch p2.patch --clean >out 2>err &
first=$!
foliogate build -q plain --patch p1.patch --patch p2.patch --clean >out2 2>err2
tap $? "of two that want the same kernel one builds it"
wait $first
tap $? "and both have it"
cmp -s out out2
tap $? "the same one"

# Killed wherever it happens to be.
for n in 1 2 3 4 5 6 7 8 9 10; do
	patch_line random.patch 'return n * BLOCK;' "return n * BLOCK + $n;"
	foliogate build -q plain --patch random.patch >out 2>err &
	sleep "$((RANDOM % 2)).$((RANDOM % 10))"
	{ kill -9 $! && wait $!; } 2>/dev/null
done
expect "after ten builds that were killed anywhere the next one works" 0 "" \
	foliogate build -q plain --patch random.patch --verify
grep -q 'the same code and data' out
tap $? "and gives the right kernel"
nothing_left "the killed builds"

tap_end
