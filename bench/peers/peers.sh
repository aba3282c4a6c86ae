#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How fast is the driver's loop next to a bare loop of the same system call, a
# loop of will-it-scale's shape, and fio? docs/peers.md says what is compared,
# and why it is fair.
#
#	bench/peers/peers.sh [-r ROUNDS] [-w SECONDS] [-d DIR] [-o FILE]

set -u
export LC_ALL=C
root=$(readlink -f -- "$(dirname -- "$(readlink -f -- "$0")")/../..")
case ${O:=build} in /*) ;; *) O=$root/$O ;; esac

rounds=121 window=0.05 dir='' keep=''
warmup=0.03	# as in bare.c and wis.c
fio_every=9	# rounds: fio takes half a second to start, and 9 keeps rotating who goes first
size=4096
peers='foliobench bare wis fio'
goals='bare >= 0.99
wis >= 1
fio > 1'

say()
{
	printf 'peers.sh: %s\n' "$*" >&2
}

cannot()
{
	say "error: $*"
	exit 4
}

usage()
{
	cat <<END
usage: bench/peers/peers.sh [-r ROUNDS] [-w SECONDS] [-d DIR] [-o FILE]

  -r ROUNDS    rounds, each running every program once, but fio in every ${fio_every}th; at least 46
               (default $rounds)
  -w SECONDS   length of a window (default $window)
  -d DIR       where the measured files go (default: a new directory in \$TMPDIR or /tmp)
  -o FILE      keep every figure in FILE: threads block sharing round program ops/s
END
}

# The first $1 CPUs that this process may use, as 0,1
first_cpus()
{
	awk -v want="$1" '/^Cpus_allowed_list:/ {
		n = split($2, part, ",")
		for (i = 1; i <= n; i++) {
			split(part[i] "-" part[i], end, "-")
			for (cpu = end[1] + 0; cpu <= end[2] + 0 && got < want; cpu++)
				list = list (got++ ? "," : "") cpu
		}
		if (got == want) print list
	}' /proc/self/status
}

milliseconds()
{
	awk -v s="$1" 'BEGIN { printf "%d", s * 1000 + 0.5 }'
}

# ops/s of the one sample in the driver's output
driver_rate()
{
	awk '/"elapsed_ns"/ {
		match($0, /"elapsed_ns": *[0-9]+/)
		ns = substr($0, RSTART, RLENGTH); sub(/.*: */, "", ns)
		match($0, /"ops": *\[[0-9, ]*\]/)
		list = substr($0, RSTART, RLENGTH); gsub(/[^0-9,]/, "", list)
		n = split(list, ops, ",")
		for (i = 1; i <= n; i++) sum += ops[i]
		printf "%.1f\n", sum / ns * 1e9
	}'
}

# Each runs one program once on $threads, $cpus, $block and $sharing and prints ops/s.
run_foliobench()
{
	"$O/foliobench" run read block="$block" file_size="$size" sharing="$sharing" threads="$threads" \
		placement="$cpus" warmup="$(milliseconds $warmup)ms" window="$(milliseconds "$window")ms" \
		windows=1 dir="$dir" | driver_rate
}

run_bare()
{
	"$O/peers/bare" "$threads" "$window" "$block" $size "$sharing" "$dir"
}

run_wis()
{
	"$O/peers/wis" "$threads" "$window" "$block" $size "$sharing" "$dir"
}

# In fio's favour: sequential offsets (no random numbers), no clock read per op, no invalidation.
run_fio()
{
	if [ "$sharing" = same ]; then
		set -- --filename="$dir/fio"
	else
		set -- --directory="$dir"
	fi
	fio --name=peer --thread --ioengine=psync --invalidate=0 --norandommap --gtod_reduce=1 --rw=read \
		--bs="$block" --filesize=$size --numjobs="$threads" --group_reporting \
		--cpus_allowed="$cpus" --cpus_allowed_policy=split --time_based \
		--ramp_time="$(milliseconds $warmup)ms" --runtime="$(milliseconds "$window")ms" \
		--output-format=terse --terse-version=3 "$@" |
		awk -F ';' '$1 == 3 && $5 == 0 { print $8 }'
}

measure() # PROGRAM: appends one line to $tmp/figures
{
	[ "$1" != fio ] || [ $((round % fio_every)) = 0 ] || return
	rate=$("run_$1") || rate=
	case $rate in
	'' | 0 | 0.0 | *[!0-9.]*)
		cannot "$1 did not give one figure ($threads threads, block $block, $sharing): '$rate'" ;;
	esac
	echo "$threads $block $sharing $round $1 $rate" >>"$tmp/figures"
}

# Who goes first is rotated, so that no program always follows the same state of the machine.
rotated()
{
	echo "$peers $peers" | cut -d ' ' -f "$((round % 4 + 1))-$((round % 4 + 4))"
}

# One table, and one line "GOAL VERDICT" a goal to $tmp/verdicts.
# The interval of the median ratio is the sign test's: order statistics, no assumption about the shape of the noise.
table()
{
	awk -v threads="$threads" -v block="$block" -v sharing="$sharing" -v goals="$goals" \
		-v verdicts="$tmp/verdicts" '
	function sort(a, n,  i, j, v) {
		for (i = 2; i <= n; i++) {
			v = a[i]
			for (j = i - 1; j > 0 && a[j] > v; j--) a[j + 1] = a[j]
			a[j + 1] = v
		}
	}
	function quantile(a, n, q,  at, low) {	# of a sorted; linear between neighbours
		at = 1 + (n - 1) * q; low = int(at)
		return low == n ? a[n] : a[low] + (at - low) * (a[low + 1] - a[low])
	}
	# The deepest k with P(at most k - 1 of n fair coins) twice below 5 %.
	function depth(n,  k, term, sum) {
		term = sum = 0.5 ^ n
		for (k = 0; 2 * sum <= 0.05; ) {
			k++
			term *= (n - k + 1) / k
			sum += term
		}
		return k
	}
	# Both fill x[1..n], sorted, and return n: of the rounds in which the program ran.
	function rates(program,  i, n) {
		for (i = n = 0; i < rounds; i++) if ((i, program) in rate) x[++n] = rate[i, program]
		sort(x, n)
		return n
	}
	function ratios(program,  i, n) {
		for (i = n = 0; i < rounds; i++)
			if ((i, program) in rate) x[++n] = rate[i, "foliobench"] / rate[i, program]
		sort(x, n)
		return n
	}
	function print_rate(program,  r) {
		r = quantile(x, rates(program), 0.5)
		printf "%-10s %12.0f %8.1f", program, r, threads / r * 1e9
	}
	$1 == threads && $2 == block && $3 == sharing { rate[$4, $5] = $6; rounds = $4 + 1 }
	END {
		printf "%-10s %12s %8s  %10s  %-13s  %-13s  %-13s\n", "", "ops/s", "ns/op", "foliobench",
			"quartiles", "range", "95 % interval"
		print_rate("foliobench")
		printf "\n"
		rows = split(goals, goal, "\n")
		for (g = 1; g <= rows; g++) {
			split(goal[g], w, " ")
			print_rate(w[1])
			n = ratios(w[1])
			k = depth(n); low = x[k]; high = x[n + 1 - k]
			if (w[2] == ">" ? low > w[3] : low >= w[3]) v = "met"
			else if (high < w[3]) v = "missed"
			else v = "cannot tell"
			printf "  %9.4fx  %6.4f-%6.4f  %6.4f-%6.4f  %6.4f-%6.4f  %s %s: %s\n", quantile(x, n, 0.5),
				quantile(x, n, 0.25), quantile(x, n, 0.75), x[1], x[n], low, high, w[2], w[3], v
			print w[1] " " v >>verdicts
		}
	}' "$tmp/figures"
}

compare() # THREADS BLOCK SHARING
{
	threads=$1 block=$2 sharing=$3
	cpus=$(first_cpus "$threads")
	if [ -z "$cpus" ]; then
		printf '\n%s threads: left out, this process may use fewer CPUs\n' "$threads"
		return
	fi
	case $threads in
	1)	printf '\n1 thread on CPU %s, preads of %s B of a %s B file\n' "$cpus" "$block" $size ;;
	*)	printf '\n%s threads on CPUs %s, preads of %s B, ' "$threads" "$cpus" "$block"
		case $sharing in
		same)	printf 'all of one file of %s B\n' $size ;;
		*)	printf 'each of its own file of %s B\n' $size ;;
		esac ;;
	esac
	round=0
	while [ $round -lt "$rounds" ]; do
		for program in $(rotated); do
			measure "$program"
		done
		round=$((round + 1))
	done
	table
}

null_cost()
{
	: >"$tmp/null"
	for round in 1 2 3 4 5; do
		"$O/foliobench" run null threads=1 placement="$(first_cpus 1)" warmup=100ms window=200ms \
			windows=1 dir="$dir" | driver_rate >>"$tmp/null"
	done
	[ "$(wc -l <"$tmp/null")" = 5 ] || cannot "foliobench run null did not give its figures"
	sort -n "$tmp/null" | sed -n 3p |
		awk '{ printf "\nThe driver itself: %.2f ns per op (foliobench run null, median of 5 windows).\n", 1e9 / $1 }'
}

header()
{
	model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
	printf 'Linux %s, %s, %s usable CPUs, load %s\n' "$(uname -r)" "${model:-$(uname -m)}" "$(nproc)" \
		"$(cut -d ' ' -f 1 /proc/loadavg)"
	printf '%s; files in %s (%s)\n' "$(fio --version)" "$dir" "$(df --output=fstype "$dir" | tail -n 1)"
	printf '%s rounds: each program once, in turn (fio in every %sth), for %s s after %s s of warm-up\n' \
		"$rounds" $fio_every "$window" $warmup
}

# "bare: at least 0.99: met in 4 of 4" and so on
summary()
{
	printf '\n'
	echo "$goals" | while read -r program relation bound; do
		awk -v program="$program" -v relation="$relation" -v bound="$bound" '
		$1 == program { n++; v = $0; sub(/^[^ ]* /, "", v); count[v]++ }
		END {
			printf "goal: %s %s of %s: met in %d of %d", relation, bound, program, count["met"], n
			if (count["cannot tell"]) printf ", cannot tell in %d", count["cannot tell"]
			if (count["missed"]) printf ", missed in %d", count["missed"]
			print ""
		}' "$tmp/verdicts"
	done
	printf '%s\n' 'met, missed: the whole interval of the median ratio (sign test) is on that side of the goal'
}

while getopts r:w:d:o:h option; do
	case $option in
	r)	rounds=$OPTARG ;;
	w)	window=$OPTARG ;;
	d)	dir=$OPTARG ;;
	o)	keep=$OPTARG ;;
	h)	usage; exit 0 ;;
	*)	usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# = 0 ] || { usage >&2; exit 2; }
case $rounds in '' | *[!0-9]*) rounds=0 ;; esac
[ "$rounds" -ge 46 ] ||	# fio runs in 6 of them then
	{ say "error: -r: at least 46, fewer have no 95 % interval for every program"; exit 2; }
[ "$(milliseconds "$window")" -ge 10 ] || { say "error: -w: '$window' is not 0.01 or more seconds"; exit 2; }
for program in foliobench peers/bare peers/wis; do
	[ -x "$O/$program" ] || cannot "$O/$program is not built; \`make\` builds it"
done
command -v fio >/dev/null || cannot "fio is not installed (Debian's package: fio)"

tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
: >"$tmp/figures"
: >"$tmp/verdicts"
if [ -n "$dir" ]; then
	dir=$(mktemp -d "$dir/peers-XXXXXX") || exit 4	# mktemp says what is wrong
	trap 'rm -rf "$tmp" "$dir"' EXIT
else
	dir=$tmp
fi

header
compare 1 1 same
compare 1 4096 same
compare 2 1 diff
compare 2 1 same
null_cost
summary
[ -z "$keep" ] || cp "$tmp/figures" "$keep"
