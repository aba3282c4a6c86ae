# SPDX-License-Identifier: GPL-2.0-or-later
# A run whose reports cannot be written: its text is printed all the same, the error is told once, and nobody takes it
# for accepted.
cat >job.yaml <<'END'
job: kept
blocks: 1
warmup: 0
windows: 1
cells:
  - workload: "null"
    ops: 1000
END
foliogate run -q --no-plots job.yaml >out || exit
id=$(ls results | grep kept)
grep -c '/report/report\.' out
rm -r "results/$id/report"
echo in the way >"results/$id/report"
foliogate run -q --no-plots --resume "$id" >out 2>err
echo "exit $?"
sed "s/$id/ID/" err
grep -c '/report/report\.' out
grep '^A single window' out
