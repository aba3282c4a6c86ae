#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may include whom, and what pure code may do. TAP.
#
#	tests/includes.sh		this tree, and whether each rule can fail
#	tests/includes.sh TREE		another one: complaints only, exit 1 if any
#
# A new libc header is added to `libc` below, a new library to `owned`, a new
# stage of the harness to `stages`.

set -u
export LC_ALL=C
root=$(dirname -- "$(readlink -f -- "$0")")/..
me=$root/tests/includes.sh

rules='programs_never_include_each_other
quoted_includes_name_a_file_from_the_root
workloads_include_only_their_contract_and_libc
peers_include_only_libc
harness_stages_include_only_earlier_ones
pure_stages_include_nothing_impure
pure_stages_call_nothing_impure
pure_stages_have_no_variables_of_their_own
third_party_headers_have_one_owner
no_header_is_unknown
every_source_names_its_licence'

# shellcheck disable=SC2016 # awk's dollars
check='
function words(text, set,  w, n, i) { n = split(text, w); for (i = 1; i <= n; i++) set[w[i]] = i }
function complain(rule, what) { print rule " " path ":" FNR ": " what }
function exists(file,  line, ret) {
	ret = (getline line < (tree "/" file)) >= 0
	close(tree "/" file)
	return ret
}
# The entry of owned that covers a header: itself, its directory, or "".
function third_party(h,  dir) {
	if (h in owned) return h
	dir = h; sub(/\/.*/, "/", dir)
	return dir in owned ? h : ""
}
function kernel_uapi(h) { return h ~ /^(linux|asm|asm-generic)\// }
function stage_of(file,  s) {
	if (file !~ /^harness\/.+\//) return ""
	s = file; sub(/^harness\//, "", s); sub(/\/.*/, "", s)
	return s
}
function is_pure(file) {
	return file ~ /^harness\/(plan|judge)\// ||
	       (file ~ /^harness\/count\// && file !~ /^harness\/count\/(plugin\/|trace|zstream|symbols)/)
}
# Looking symbols and samples up is pure, reading them is not.
function pure_may_include(file) {
	return is_pure(file) || file == "harness/count/symbols.h" ||
	       file == "harness/store/samples.h" || file == "harness/store/counted.h"
}
function module(file) { sub(/\.[ch]$/, "", file); return file }

BEGIN {
	words("plan kernel guest count store judge report commands", stages)
	words("assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h locale.h math.h setjmp.h " \
	      "signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h " \
	      "stdnoreturn.h string.h strings.h tgmath.h threads.h time.h wchar.h wctype.h " \
	      "alloca.h byteswap.h cpuid.h dirent.h dlfcn.h elf.h endian.h err.h execinfo.h fcntl.h " \
	      "fnmatch.h ftw.h getopt.h glob.h grp.h langinfo.h libgen.h link.h malloc.h mntent.h " \
	      "netdb.h paths.h poll.h pthread.h pty.h pwd.h regex.h sched.h search.h semaphore.h " \
	      "spawn.h stdio_ext.h sysexits.h syslog.h termios.h ucontext.h unistd.h utime.h " \
	      "arpa/inet.h net/if.h netinet/in.h netinet/tcp.h " \
	      "sys/auxv.h sys/epoll.h sys/eventfd.h sys/fanotify.h sys/file.h sys/inotify.h " \
	      "sys/ioctl.h sys/ipc.h sys/mman.h sys/mount.h sys/param.h sys/personality.h " \
	      "sys/pidfd.h sys/poll.h sys/prctl.h sys/ptrace.h sys/random.h sys/reboot.h " \
	      "sys/resource.h sys/select.h sys/sem.h sys/sendfile.h sys/shm.h sys/signalfd.h " \
	      "sys/socket.h sys/stat.h sys/statfs.h sys/statvfs.h sys/syscall.h sys/sysinfo.h " \
	      "sys/sysmacros.h sys/time.h sys/timerfd.h sys/times.h sys/types.h sys/uio.h sys/un.h " \
	      "sys/user.h sys/utsname.h sys/vfs.h sys/wait.h sys/xattr.h", libc)
	words("assert.h ctype.h errno.h float.h inttypes.h limits.h math.h stdarg.h stdbool.h stddef.h " \
	      "stdint.h stdlib.h string.h strings.h endian.h byteswap.h search.h", pure)
	# A directory stands for each header in it: gsl/gsl_cdf.h has one owner, gsl/gsl_rng.h another.
	words("hwloc.h hwloc/ numa.h numaif.h jansson.h yaml.h sqlite3.h gsl/ perf/ perfmon/ capstone/ " \
	      "gelf.h libelf.h elfutils/ archive.h archive_entry.h gcrypt.h zstd.h", owned)
	impure_call = "(^|[^A-Za-z0-9_])(err|err_at|warn|info|detail|getenv|secure_getenv|setenv|system|" \
		      "rand|random|srand|srandom|drand48|exit|abort|mkstemp)\\("
	# One declaration a line, and const before the "=" or ";": house style.
	variable = "^(static|struct|unsigned|int|bool|char|size_t|double|u?int[0-9]+_t|_Atomic) [^(]*[=;]"
	no_variable = "^[^=]*const|^struct [a-z0-9_]+;"
}
function check_licence() {
	if (path != "" && !licensed)
		print "every_source_names_its_licence " path ":1: no SPDX-License-Identifier in the first lines"
}
FNR == 1 {
	check_licence()
	path = substr(FILENAME, length(tree) + 2)
	licensed = 0
	code = path ~ /\.[ch]$/
	pure_file = code && is_pure(path)
	test = path ~ /^tests\//
}
FNR <= 3 && /SPDX-License-Identifier: GPL-2\.0-or-later/ { licensed = 1 }
END { check_licence() }
!code { next }

pure_file && match($0, impure_call) && !/^[ \t]*(\/\*|\*|\/\/)/ {
	complain("pure_stages_call_nothing_impure", substr($0, RSTART, RLENGTH) "...)")
}
pure_file && $0 ~ variable && $0 !~ no_variable {
	complain("pure_stages_have_no_variables_of_their_own", $0)
}
!/^[ \t]*#[ \t]*include/ { next }

{
	header = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
	quoted = header ~ /^"/
	if (header !~ /^("[^"]+"|<[^>]+>)/) {
		complain("no_header_is_unknown", "cannot tell what this includes: " $0)
		next
	}
	header = substr(header, 2)
	sub(/[">].*/, "", header)
	top = path; sub(/\/.*/, "", top)
	to = header; sub(/\/.*/, "", to)
	stage = stage_of(path)
}
quoted {
	if (header !~ /^(lib|bench|harness|tests)\// || header ~ /\.\./ || !exists(header))
		complain("quoted_includes_name_a_file_from_the_root", "\"" header "\"")
	if ((top == "bench" && to == "harness") || (top == "harness" && to == "bench") ||
	    (top == "lib" && (to == "bench" || to == "harness")) || (!test && to == "tests"))
		complain("programs_never_include_each_other", top "/ includes \"" header "\"")
	if (path ~ /^bench\/workloads\// && header != "bench/workload.h")
		complain("workloads_include_only_their_contract_and_libc", "\"" header "\"")
	if (path ~ /^bench\/peers\//)
		complain("peers_include_only_libc", "\"" header "\"")
	if (stage != "" && !(stage in stages))
		complain("harness_stages_include_only_earlier_ones", "no stage is called " stage)
	else if (stage != "" && to == "harness") {
		their = stage_of(header)
		if (their == "" && stage == "commands")
			;	# what stands beside main.c is for main.c and the commands
		else if (!(their in stages))
			complain("harness_stages_include_only_earlier_ones",
				 stage "/ includes \"" header "\", which is in no stage")
		else if (stages[their] > stages[stage])
			complain("harness_stages_include_only_earlier_ones",
				 stage "/ comes before " their "/: \"" header "\"")
		if (pure_file && !pure_may_include(header))
			complain("pure_stages_include_nothing_impure", "\"" header "\"")
	}
	next
}
{
	lib = third_party(header)
	if (lib == "" && !(header in libc) && !kernel_uapi(header) && !(test && header == "cmocka.h"))
		complain("no_header_is_unknown", "<" header "> is neither of libc, nor of the kernel, nor owned")
	if (lib != "" && !test) {
		if (lib in owner && owner[lib] != module(path))
			complain("third_party_headers_have_one_owner", "<" header "> belongs to " owner[lib])
		else
			owner[lib] = module(path)
	}
	if (path ~ /^bench\/workloads\// && !(header in libc) && !kernel_uapi(header))
		complain("workloads_include_only_their_contract_and_libc", "<" header ">")
	if (path ~ /^bench\/peers\// && !(header in libc) && !kernel_uapi(header))
		complain("peers_include_only_libc", "<" header ">")
	if (pure_file && lib == "" && !(header in pure))
		complain("pure_stages_include_nothing_impure", "<" header ">")
}'

# Complaints about a tree, one a line: RULE FILE:LINE: WHAT
complaints() # TREE
{
	find "$1" \( -path "$1/.git" -o -path "$1/build" -o -path "$1/results" \) -prune -o \
		-type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.gp' -o -name Makefile \
		-o -path "$1/.ci/run" -o -path "$1/tests/run" \) -print0 |
		sort -z | xargs -0 -r awk -v tree="$1" "$check"
}

if [ $# = 1 ]; then
	complaints "${1%/}" | sed 's/^[^ ]* //' | grep . && exit 1
	exit 0
fi

n=0
ok() # STATUS NAME
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT

# Part one: this tree.
root=$(readlink -f -- "$root")
complaints "$root" >"$tmp/found"
for rule in $rules; do
	! grep "^$rule " "$tmp/found" | sed 's/^[^ ]* /# /' | grep .
	ok $? "$rule"
done

# Part two: a small tree that keeps every rule, and one with a single fault for each.
good_tree() # DIR
{
	mkdir -p "$1/lib" "$1/bench/workloads" "$1/bench/peers" "$1/harness/plan" "$1/harness/count" "$1/harness/judge" \
		"$1/harness/report" "$1/harness/commands" "$1/tests/unit" "$1/plots"
	for f in lib/buf.h lib/err.h lib/record.c bench/workload.h bench/topo.h harness/progress.h \
		harness/plan/plan.h harness/count/trace.h harness/count/symbols.h harness/judge/gate.h \
		harness/report/table.h; do
		put "$1/$f" ''
	done
	put "$1/lib/json.h" '#include <jansson.h>'
	put "$1/lib/json.c" '#include "lib/json.h"' '#include <jansson.h>'
	put "$1/bench/topo.c" '#include "bench/topo.h"' '#include <hwloc.h>' '#include "lib/err.h"'
	put "$1/bench/workloads/read.c" '#include "bench/workload.h"' '#include <unistd.h>' '#include <linux/fs.h>'
	put "$1/bench/peers/bare.c" '#include <pthread.h>'
	put "$1/harness/plan/plan.c" '#include "harness/plan/plan.h"' '#include <string.h>' \
		'/* tells err(...) what to say */' 'struct plan;' 'static const int limits[] = {' '1 };' \
		'static int twice(int n);' 'int plan_count = 0; /* const */'
	sed -i '$d' "$1/harness/plan/plan.c"
	put "$1/harness/count/object.c" '#include "harness/count/symbols.h"' '#include "harness/plan/plan.h"'
	put "$1/harness/count/trace.c" '#include "harness/count/trace.h"' '#include <fcntl.h>' '#include <zstd.h>'
	put "$1/harness/judge/gate.c" '#include "harness/plan/plan.h"' '#include <gsl/gsl_cdf.h>'
	put "$1/harness/report/table.c" '#include "harness/judge/gate.h"' '#include <stdio.h>'
	put "$1/harness/commands/run.c" '#include "harness/progress.h"' '#include "harness/report/table.h"'
	put "$1/tests/unit/test_gate.c" '#include <cmocka.h>' '#include "bench/topo.h"' \
		'#include "harness/judge/gate.h"' '#include <hwloc.h>'
	printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\necho\n' >"$1/plots/x.sh"
}

put() # FILE LINE...
{
	into=$1
	shift
	{ echo '/* SPDX-License-Identifier: GPL-2.0-or-later */'; echo; printf '%s\n' "$@"; } >"$into"
}

good_tree "$tmp/good"
! sh "$me" "$tmp/good" | sed 's/^/# /' | grep .
ok $? 'a tree that keeps the rules has no complaint'

# Each fault: the one rule that must complain | file | a line added to it.
while IFS='|' read -r rule file line; do
	rm -rf "$tmp/bad"
	good_tree "$tmp/bad"
	printf '%s\n' "$line" >>"$tmp/bad/$file"
	found=$(complaints "$tmp/bad" | cut -d' ' -f1,2 | sort -u)
	[ "$(echo "$found" | cut -d' ' -f1)" = "$rule" ] &&
		case $found in *" $file:"*) ;; *) false ;; esac
	ok $? "$rule complains of $line in $file"
	[ "$found" ] && [ "$(echo "$found" | cut -d' ' -f1)" = "$rule" ] || echo "# found: $found"
done <<'END'
programs_never_include_each_other|bench/topo.c|#include "harness/plan/plan.h"
programs_never_include_each_other|harness/report/table.c|#include "bench/topo.h"
programs_never_include_each_other|lib/json.c|#include "bench/topo.h"
quoted_includes_name_a_file_from_the_root|lib/json.c|#include "json.h"
quoted_includes_name_a_file_from_the_root|lib/json.c|#include "lib/nosuch.h"
quoted_includes_name_a_file_from_the_root|bench/topo.c|  #  include "lib/../lib/err.h"
workloads_include_only_their_contract_and_libc|bench/workloads/read.c|#include "lib/buf.h"
third_party_headers_have_one_owner|lib/record.c|#include <jansson.h>
third_party_headers_have_one_owner|harness/report/table.c|#include <gsl/gsl_cdf.h>
peers_include_only_libc|bench/peers/bare.c|#include "lib/buf.h"
harness_stages_include_only_earlier_ones|harness/plan/plan.c|#include "harness/judge/gate.h"
harness_stages_include_only_earlier_ones|harness/report/table.c|#include "harness/progress.h"
pure_stages_include_nothing_impure|harness/plan/plan.c|#include <stdio.h>
pure_stages_include_nothing_impure|harness/judge/gate.c|#include <unistd.h>
pure_stages_include_nothing_impure|harness/judge/gate.c|#include <time.h>
pure_stages_include_nothing_impure|harness/judge/gate.c|#include <sys/stat.h>
pure_stages_include_nothing_impure|harness/count/object.c|#include "harness/count/trace.h"
pure_stages_include_nothing_impure|harness/count/object.c|#include <fcntl.h>
pure_stages_call_nothing_impure|harness/plan/plan.c|	return err("no");
pure_stages_call_nothing_impure|harness/plan/plan.c|	if (getenv("X"))
pure_stages_have_no_variables_of_their_own|harness/plan/plan.c|static int calls;
pure_stages_have_no_variables_of_their_own|harness/judge/gate.c|struct gate last = {
no_header_is_unknown|lib/json.c|#include <curl/curl.h>
no_header_is_unknown|lib/json.c|#include <sys/capability.h>
no_header_is_unknown|lib/json.c|#include HEADER
no_header_is_unknown|harness/report/table.c|#include <cmocka.h>
END

rm -rf "$tmp/bad"
good_tree "$tmp/bad"
printf '/* no licence */\n' >"$tmp/bad/lib/buf.h"
complaints "$tmp/bad" | grep -q '^every_source_names_its_licence lib/buf.h:1:'
ok $? 'every_source_names_its_licence complains of a header without it'

mkdir "$tmp/bad/harness/later"
put "$tmp/bad/harness/later/x.c" '#include "lib/buf.h"'
complaints "$tmp/bad" | grep -q '^harness_stages_include_only_earlier_ones harness/later/x.c:3:'
ok $? 'a directory of the harness that is no stage is complained of'

echo "1..$n"
