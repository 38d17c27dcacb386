# A process that is killed takes the job with it.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
generate_small
started() { grep -q 'epoch 1: starting' "$work/out"; }
ranks() { pgrep -P "$job" || true; }

start "$STOKER_MPIRUN" --allow-run-as-root --oversubscribe -np 2 "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small \
  ++hydra.run.dir=run ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False ++workload.train.computation_time=300
wait_until started
read -r -d '' first second < <(ranks) || true
[[ -n $first && -n $second ]] || fail "expected two ranks, found '$(ranks)'"
kill -KILL "$second"
join
[[ $rc != 0 ]] || fail 'the job ended well without one of its ranks'
gone() { ! kill -0 "$first" 2>/dev/null; }
wait_until gone
