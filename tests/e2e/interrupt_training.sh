# Ctrl-C during training ends the run at once, in the middle of a step that would take minutes, and the summary says failed.
. "$(dirname "$0")/common.inc.sh"
generate_small
started() { grep -q 'epoch 1: starting' "$work/out"; }

for signal in INT TERM; do
  for ranks in 1 3; do
    rm -rf run
    start "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data \
      ++workload.workflow.generate_data=False ++workload.train.computation_time=300 --ranks $ranks
    wait_until started
    kill -$signal "$job"
    join
    equal "$rc" 130 "exit code after SIG$signal with $ranks ranks"
    times 1 '^stoker: error: .*interrupted' err
    has run/summary.json '"status": "failed"'
    lacks "$work/out" '\[METRIC\]'
  done
done
equal "$(count_files data '*.parquet')" 4
