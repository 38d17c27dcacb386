# Rank 0 and the launcher are killed, so that nobody ends the other ranks at once: a folder is not taken over from a job of which
# somebody may still write.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
slow=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++workload.dataset.data_folder=data ++workload.workflow.train=False
  ++workload.dataset.num_files_train=12 ++workload.dataset.num_samples_per_file=4000000 ++hydra.run.dir=first)
other=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++workload.dataset.data_folder=data ++workload.workflow.train=False
  ++workload.dataset.num_files_train=3 ++workload.dataset.num_samples_per_file=10 ++workload.dataset.overwrite=True ++hydra.run.dir=second)
both_write() { [[ $(find data -name '*.tmp' 2>/dev/null | wc -l) -ge 2 ]]; }
of_lock() { sed -n "s/^$1: //p" data/stoker_dataset.lock; }
begin_job() {
  rm -rf data first
  start "$STOKER_MPIRUN" --allow-run-as-root --oversubscribe -np 2 "${slow[@]}"
  wait_until both_write
  root=$(of_lock pid)
  peer=$(of_lock peers)
  [[ $peer =~ ^[0-9]+:[0-9]+$ ]] || fail "the lock names other processes as '$peer', and not one"
  equal "$(of_lock elsewhere)" 0
  peer=${peer%:*}
}

# One that does not end. A process whose parent ends is told to go on, so that it is stopped afterwards.
begin_job
kill -KILL "$job" "$root"
join
kill -STOP "$peer"
cp data/stoker_dataset.json before.json
run_fails 6 "${other[@]}"
times 1 "^stoker: error: .*data: generation of a data set was ended there, but process $peer of its job lives on and may write" err
cmp before.json data/stoker_dataset.json || fail 'a refused datagen has written'
kill -KILL "$peer"
run_ok "${other[@]}"
equal "$(count_files data '*.parquet')" 3
run_ok "$STOKER_BIN" data verify data --values --quiet

# One that ends what it is at, as it is told: what comes after it is whole.
begin_job
kill -KILL "$root" "$job"
run_ok "${other[@]}"
join
equal "$(count_files data '*.parquet')" 3
equal "$(count_files data '*.tmp')" 0 'temporary files'
run_ok "$STOKER_BIN" data verify data --values --quiet
