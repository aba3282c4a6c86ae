# SPDX-License-Identifier: GPL-2.0-or-later
# Where nothing was run yet.
for command in 'results' 'compare last' 'plot nosuch' 'report last --format json'; do
	echo "foliogate $command" >&2
	# shellcheck disable=SC2086 # several arguments
	foliogate $command
	echo "exit code $?" >&2
done
