#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The way in: installs what is missing, builds, and does one job. `./run.sh -h`
# lists the jobs. Nothing is installed outside packages, and nothing is written
# outside this tree, $O, $FOLIOBENCH_RESULTS, the cache ($XDG_CACHE_HOME/foliobench)
# and what the package manager owns.

set -eu

root=$(dirname -- "$(readlink -f -- "$0")")
cd -- "$root"
: "${O:=build}"

usage()
{
	cat <<'END'
usage: ./run.sh [--no-install] [JOB]

jobs:
  (none)       the published tables on the running kernel: build, quick, short-reads,
               tables, plots, report; then the same without and with a patch: two
               kernels built (once; minutes), booted in guests, compared and judged
  quick        the same in under a minute, with fewer cells
  test [NAME]  every test, or those whose name holds a NAME
  peers        speed of the driver next to a bare loop, a will-it-scale loop and fio
  arm64        builds the driver for arm64 guests and runs configs/jobs/arm64.yaml in one
  doctor       what this machine can measure
  install      only install what any of the jobs needs, but for arm64

options:
  --no-install install nothing: say what is missing, and exit with 4
  -h, --help   show this help

environment:
  O=DIR        build in DIR, named from the source tree (default: build)
  FOLIOBENCH_RESULTS=DIR
               keep runs in DIR (default: results)

exit codes: 0 done, 2 wrong usage, 4 could not; a job's own code otherwise: without
a JOB, and of arm64, that of the verdict: 0 accept, 1 reject, 3 inconclusive
END
}

say()
{
	printf 'run.sh: %s\n' "$*" >&2
}

cannot()
{
	say "error: $*"
	exit 4
}

wrong()
{
	say "error: $*; known are: arm64 quick test peers doctor install --no-install --help"
	exit 2
}

# What is needed, for what, how it shows, and what each distribution calls it
# ('-': nothing to install there). A probe that succeeds will do in place of the
# Debian package: gnuplot-qt draws as well as gnuplot-nox.
#
# group	debian		probe		fedora			arch		suse		alpine
needs='
build	gcc		cmd:gcc		gcc			gcc		gcc		gcc
build	libc6-dev	header:stdio.h	glibc-devel		glibc		glibc-devel	musl-dev
build	make		cmd:make	make			make		make		make
build	pkg-config	cmd:pkg-config	pkgconf-pkg-config	pkgconf		pkg-config	pkgconf
build	libhwloc-dev	lib:hwloc	hwloc-devel		hwloc		hwloc-devel	hwloc-dev
build	libnuma-dev	lib:numa	numactl-devel		numactl		libnuma-devel	numactl-dev
build	libjansson-dev	lib:jansson	jansson-devel		jansson		libjansson-devel jansson-dev
build	libyaml-dev	lib:yaml-0.1	libyaml-devel		libyaml		libyaml-devel	yaml-dev
build	libsqlite3-dev	lib:sqlite3	sqlite-devel		sqlite		sqlite3-devel	sqlite-dev
build	libgsl-dev	lib:gsl		gsl-devel		gsl		gsl-devel	gsl-dev
build	libarchive-dev	lib:libarchive	libarchive-devel	libarchive	libarchive-devel libarchive-dev
build	libelf-dev	lib:libelf	elfutils-libelf-devel	libelf		libelf-devel	elfutils-dev
build	libgcrypt20-dev	lib:libgcrypt	libgcrypt-devel		libgcrypt	libgcrypt-devel	libgcrypt-dev
build	libcapstone-dev	lib:capstone	capstone-devel		capstone	capstone-devel	capstone-dev
build	libzstd-dev	lib:libzstd	libzstd-devel		zstd		libzstd-devel	zstd-dev
plot	gnuplot-nox	cmd:gnuplot	gnuplot			gnuplot		gnuplot		gnuplot
guest	qemu-system-x86	cmd:qemu-system-x86_64 qemu-system-x86	qemu-system-x86	qemu-x86	qemu-system-x86_64
guest	git		cmd:git		git			git		git		git
guest	patch		cmd:patch	patch			patch		patch		patch
guest	flex		cmd:flex	flex			flex		flex		flex
guest	bison		cmd:bison	bison			bison		bison		bison
guest	bc		cmd:bc		bc			bc		bc		bc
guest	libssl-dev	lib:libcrypto	openssl-devel		openssl		libopenssl-devel openssl-dev
guest	perl		cmd:perl	perl			perl		perl		perl
guest	xz-utils	cmd:xz		xz			xz		xz		xz
guest	kmod		cmd:depmod	kmod			kmod		kmod		kmod
guest	e2fsprogs	cmd:mkfs.ext4	e2fsprogs		e2fsprogs	e2fsprogs	e2fsprogs
guest	xfsprogs	cmd:mkfs.xfs	xfsprogs		xfsprogs	xfsprogs	xfsprogs
guest	btrfs-progs	cmd:mkfs.btrfs	btrfs-progs		btrfs-progs	btrfsprogs	btrfs-progs
test	libcmocka-dev	lib:cmocka	libcmocka-devel		cmocka		libcmocka-devel	cmocka-dev
test	valgrind	cmd:valgrind	valgrind		valgrind	valgrind	valgrind
test	qemu-user	cmd:qemu-x86_64	qemu-user		qemu-user	qemu-linux-user	qemu-x86_64
test	libc6-dbg	package		-			-		-		-
test	jq		cmd:jq		jq			jq		jq		jq
test	sqlite3		cmd:sqlite3	sqlite			-		sqlite3		sqlite
test	tidy		cmd:tidy	tidy			tidy		tidy		tidyhtml
test	libxml2-utils	cmd:xmllint	libxml2			libxml2		libxml2-tools	libxml2-utils
test	python3-jsonschema cmd:jsonschema python3-jsonschema	python-jsonschema python3-jsonschema py3-jsonschema
test	junitparser	cmd:junitparser	-			-		-		-
test	golang-golang-x-tools cmd:benchcmp -			-		-		-
test	-		sanitizers	libasan+libubsan	-		-		-
cross	gcc-aarch64-linux-gnu cmd:aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc - -
cross	libc6-dev-arm64-cross package	-			-		-		-
arm64	kmod		cmd:depmod	kmod			kmod		kmod		kmod
arm64	qemu-system-arm	cmd:qemu-system-aarch64 qemu-system-aarch64 qemu-system-aarch64 qemu-arm qemu-system-aarch64
peers	fio		cmd:fio		fio			fio		fio		fio
'

probe()
{
	case $1 in
	cmd:*)		command -v "${1#cmd:}" ;;
	lib:*)		pkg-config --exists "${1#lib:}" ;;
	header:*)	printf '#include <%s>\n' "${1#header:}" | gcc -E - ;;
	sanitizers)	printf 'int main(void) { return 0; }\n' |
				gcc -fsanitize=address,undefined -x c -o /dev/null - ;;
	*)		false ;;
	esac >/dev/null 2>&1
}

package_installed()
{
	dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Sets family (a column of the table) and how (the command that installs).
find_family()
{
	family=other how=
	if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
		family=debian how='apt-get install --no-install-recommends'
		return
	fi
	# shellcheck disable=SC1091
	case " $(. /etc/os-release 2>/dev/null && echo "${ID-} ${ID_LIKE-}") " in
	*' fedora '* | *' rhel '*)	family=fedora how='dnf install' ;;
	*' arch '*)			family=arch how='pacman -S' ;;
	*suse*)				family=suse how='zypper install' ;;
	*' alpine '*)			family=alpine how='apk add' ;;
	esac
}

# Sets missing to the packages that the groups in $1 lack, in this distribution's names.
find_missing()
{
	missing=
	while read -r group debian how_shown fedora arch suse alpine; do
		case " $1 " in *" $group "*) ;; *) continue ;; esac
		case $family in
		debian | other)	name=$debian ;;
		fedora)		name=$fedora ;;
		arch)		name=$arch ;;
		suse)		name=$suse ;;
		alpine)		name=$alpine ;;
		esac
		[ "$name" != - ] || continue
		if [ "$family" = debian ]; then
			package_installed "$name" && continue
		elif [ "$how_shown" = package ]; then
			continue
		fi
		probe "$how_shown" || missing="$missing $(echo "$name" | tr + ' ')"
	done <<END
$(echo "$needs" | grep .)
END
	missing=${missing# }
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q -y "$@" >&2
}

apt_install()
{
	# shellcheck disable=SC2086 # a list of names
	apt install --no-install-recommends $missing
}

# Package lists are fetched only where there are none, or where they prove too old.
install_debian()
{
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		cannot "missing Debian packages, and neither root nor sudo to install them; as root:" \
		       "$how $missing"
	fi
	say "installing Debian packages: $missing"
	if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
		say "there are no package lists: apt-get update"
		apt update || cannot "apt-get update failed (see above)"
	elif apt_install; then
		return
	else
		say "that failed: once more, after apt-get update"
		apt update || cannot "apt-get update failed (see above)"
	fi
	apt_install || cannot "could not install: $missing (see above)"
}

# need GROUP...: what these groups name is there when this returns.
need()
{
	find_family
	find_missing "$*"
	[ -n "$missing" ] || return 0
	case $family in
	debian)
		[ "$install" = yes ] ||
			cannot "--no-install, and these Debian packages are missing; as root: $how $missing"
		install_debian
		;;
	other)
		cannot "missing, and this distribution's package names are not known here;" \
		       "install what Debian calls: $missing"
		;;
	*)
		cannot "only Debian packages are installed by this script; as root: $how $missing"
		;;
	esac
}

build()
{
	case $O in *[[:space:]]*)
		cannot "O='$O': make cannot build in a path with spaces; name another directory" ;;
	esac
	say "building in $O"
	# fd 1 belongs to the job's results
	make -s -j"$(nproc)" O="$O" >&2 || cannot "the build failed (see above)"
}

where_things_are()
{
	cat <<END

Every run's samples, tables and plots lie in ${FOLIOBENCH_RESULTS:-results}/, one directory a run.
  $O/foliogate results              lists the runs
  $O/foliogate compare last         prints the tables of the last one again
  $O/foliogate gate last            says its verdict again, with what decided it
  $O/foliogate history              what changed from run to run
  $O/foliogate plot last            draws its plots again
  $O/foliogate run JOB              measures another job: see configs/jobs/
END
}

# Sets verdict: whatever it is, the job is done.
judged()
{
	verdict=0
	"$O/foliogate" run "$1" || verdict=$?
	case $verdict in 0 | 1 | 3) ;; *) exit "$verdict" ;; esac
}

the_verdict()
{
	echo
	"$O/foliogate" gate --headline last || :	# its code is known
	for page in "${FOLIOBENCH_RESULTS:-results}"/*-"$1"*/report/report.html; do
		:	# the last is the newest
	done
	echo "$page"
	exit "$verdict"
}

main_job()
{
	need build plot guest
	build
	"$O/foliogate" run configs/jobs/quick.yaml
	"$O/foliogate" run configs/jobs/short-reads.yaml
	judged configs/jobs/ab-short-reads.yaml
	where_things_are
	the_verdict ab-short-reads
}

quick_job()
{
	need build plot
	build
	"$O/foliogate" run configs/jobs/quick.yaml
	where_things_are
}

# The one that guests get where this machine's cannot run in them.
arm64_driver()
{
	sysroot=${XDG_CACHE_HOME:-$HOME/.cache}/foliobench/sysroots/arm64
	need cross
	bench/sysroot.sh arm64 "$sysroot" || cannot "there are no libraries for arm64 (see above)"
	make -s -j"$(nproc)" O="$O" ARCH=arm64 SYSROOT="$sysroot" >&2 ||
		cannot "the driver for arm64 could not be built (see above)"
}

arm64_job()
{
	need build arm64
	build
	[ "$(uname -m)" = aarch64 ] || arm64_driver
	judged configs/jobs/arm64.yaml
	where_things_are
	the_verdict arm64
}

install=yes job='' names=''
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)	usage; exit 0 ;;
	--no-install)	install=no ;;
	-*)		wrong "unknown option '$1'" ;;
	*)
		case $job:$1 in
		test:*)	names="$names $1" ;;
		:quick | :test | :peers | :arm64 | :doctor | :install)
			job=$1 ;;
		:*)	wrong "unknown job '$1'" ;;
		*)	wrong "'$1' after '$job': one job at a time" ;;
		esac
		;;
	esac
	shift
done
# programs in an O elsewhere would not find them
: "${FOLIOBENCH_PLOTS:=$root/plots}"
: "${FOLIOBENCH_CONFIGS:=$root/configs}"
export O FOLIOBENCH_PLOTS FOLIOBENCH_CONFIGS

case $job in
'')		main_job ;;
quick)		quick_job ;;
doctor)		need build; build; exec "$O/foliogate" doctor ;;
arm64)		arm64_job ;;
peers)		need build peers; build; exec bench/peers/peers.sh ;;
install)	need build plot guest test peers; say "everything is installed" ;;
test)
		need build plot guest test
		# the cross compiler and gcc-multilib exclude each other: not at that one's cost
		[ "$family" != debian ] || package_installed 'gcc-*multilib*' || need arm64 cross
		# shellcheck disable=SC2086 # a list of names
		exec tests/run $names
		;;
esac
