# One folder, one writer: a second datagen, a repair and a second run into one folder are refused with who is at work there; what
# a process that was killed has left is taken over.
. "$(dirname "$0")/common.inc.sh"
small=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++workload.dataset.data_folder=data)
slow=(++workload.workflow.train=False ++workload.dataset.num_files_train=12 ++workload.dataset.num_samples_per_file=4000000)
writes() { [[ -n $(find data/train -name '*.tmp' -print -quit 2>/dev/null) ]]; }

for killed in INT KILL; do
  rm -rf data
  start "${small[@]}" ++hydra.run.dir=first "${slow[@]}"
  wait_until writes
  has data/stoker_dataset.lock '^host: ' "^pid: $job\$" '^what: generation of a data set$'
  cp data/stoker_dataset.json before.json
  # With the same settings and with others, and with leave to overwrite.
  for other in '' ++workload.dataset.num_samples_per_file=10 ++workload.dataset.overwrite=True; do
    run_fails 6 "${small[@]}" ++hydra.run.dir=second "${slow[@]}" $other
    times 1 "^stoker: error: .*data: generation of a data set is under way there: process $job on host .*, since 20" err
  done
  run_fails 6 "$STOKER_BIN" data verify data --repair --quiet
  has err "generation of a data set is under way there: process $job "
  cmp before.json data/stoker_dataset.json || fail 'a refused datagen has written'
  kill -$killed "$job"
  join
  # A disk that is slow to take what was written may make it end itself.
  if [[ $killed == INT ]] && ! grep -q 'ended at once' err; then absent data/stoker_dataset.lock; fi
  [[ $killed == INT ]] || cp data/stoker_dataset.lock of_a_killed_process
  # The same again goes on, and gives the folder back.
  other=("${small[@]}" ++hydra.run.dir=third "${slow[@]}" ++workload.dataset.num_files_train=2 ++workload.dataset.num_samples_per_file=10)
  run_ok "${other[@]}" ++workload.dataset.overwrite=True
  [[ -z $(find data -name 'stoker_dataset.lock*') ]] || fail 'a lock is left'
done
# Killed when the data set was complete, and nothing but the lock was left to do.
for left in stoker_dataset.lock stoker_dataset.lock.takeover-0123456789abcdef; do
  cp of_a_killed_process "data/$left"
  run_ok "${other[@]}"
  has out 'nothing to write'
  [[ -z $(find data -name 'stoker_dataset.lock*') ]] || fail "what a killed process left stays: $left"
done

# Results: one run at a time, and the next may have the folder.
rm -rf data
generate_small
started() { grep -q 'epoch 1: starting' "$work/out"; }
start "${small[@]}" ++hydra.run.dir=run ++workload.workflow.generate_data=False ++workload.train.computation_time=300
wait_until started
cp run/.hydra/overrides.yaml before.yaml
rc=0
"${small[@]}" ++hydra.run.dir=run ++workload.workflow.generate_data=False >out2 2>err2 || rc=$?
equal "$rc" 6
times 1 "^stoker: error: run: a run is under way there: process $job on host " err2
cmp before.yaml run/.hydra/overrides.yaml || fail 'a refused run has written'
kill -KILL "$job"
join
exists run/stoker_run.lock
run_ok "${small[@]}" ++hydra.run.dir=run ++workload.workflow.generate_data=False
check_results run 1
absent run/stoker_run.lock

# A lock of another host is believed until somebody removes it.
sed 's/^host: .*/host: elsewhere/; s/^boot: .*/boot: 0/' <<END >data/stoker_dataset.lock
stoker is at work in this folder
host: x
boot: x
pid_namespace: pid:[1]
since: 2026-01-01 00:00:00
what: generation of a data set
pid: 1
start: 1
END
again=("${small[@]}" ++hydra.run.dir=fourth ++workload.workflow.train=False ++workload.dataset.overwrite=True)
run_fails 6 "${again[@]}"
has err 'process 1 on host elsewhere, since 2026-01-01 00:00:00'
run_fails 6 "${again[@]}"
# Of what is complete nothing is written, so that nobody is in the way.
run_ok "${small[@]}" ++hydra.run.dir=fourth ++workload.workflow.train=False
has out 'nothing to write'
rm data/stoker_dataset.lock
run_ok "${again[@]}"
