#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
#	bench/sysroot.sh ARCH DIR
#
# Headers and static libraries that the driver needs for another architecture (a
# Debian name: arm64), unpacked from Debian's packages into DIR. The system's own
# package lists and architectures stay as they are. DIR is complete or not there;
# one that holds what is wanted is left alone.

set -eu
umask 022
packages='libhwloc-dev libjansson-dev libnuma-dev'

cannot()
{
	printf 'sysroot.sh: error: %s\n' "$*" >&2
	exit 4
}

[ $# = 2 ] || { echo 'usage: bench/sysroot.sh ARCH DIR' >&2; exit 2; }
arch=$1 dir=$2
if [ "$(cat "$dir/packages" 2>/dev/null)" = "$packages" ]; then
	exit 0
fi
for program in apt-get dpkg-deb; do
	command -v "$program" >/dev/null ||
		cannot "$program is not installed: only Debian's packages can be unpacked for $arch"
done

mkdir -p "$(dirname -- "$dir")"
new=$(mktemp -d "$dir.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
new=$(readlink -f -- "$new")
mkdir -p "$new/apt/lists/partial" "$new/apt/cache/archives/partial" "$new/debs"
: >"$new/apt/status"
# the system's settings (proxies above all), but for what it runs after an update
apt-config dump | grep -Ev '^(APT::(Arch|Update|Periodic)|DPkg|Dir::(State|Cache)|Binary|CommandLine)' \
	>"$new/apt/conf"
cat >>"$new/apt/conf" <<END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::State "$new/apt";
Dir::State::status "$new/apt/status";
Dir::Cache "$new/apt/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages { "none"; };
END
export APT_CONFIG="$new/apt/conf" LC_ALL=C

echo "sysroot.sh: fetching $packages for $arch" >&2
# a source that is not Debian's may well have nothing for this architecture
apt-get -q update >"$new/apt/log" 2>&1 || :
# shellcheck disable=SC2086 # a list of names
if ! (cd "$new/debs" && apt-get -q download $packages) >>"$new/apt/log" 2>&1; then
	sed 's/^/  /' "$new/apt/log" >&2
	cannot "apt could not fetch $packages for $arch (see above)"
fi
for deb in "$new"/debs/*.deb; do
	dpkg-deb -x "$deb" "$new"
done
rm -rf "$new/apt" "$new/debs"
chmod 755 "$new"
echo "$packages" >"$new/packages"

# one that another process has made meanwhile is as good
rm -rf "$dir.old"
mv -T "$dir" "$dir.old" 2>/dev/null || :
mv -T "$new" "$dir" 2>/dev/null || [ -e "$dir/packages" ] || cannot "cannot make $dir"
rm -rf "$dir.old"
