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
# With every batch read ahead, only the computing is left to be interrupted: that is no fast end of the epoch, and no loop
# follows it.
for signal in INT TERM; do
  rm -rf run
  start "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data \
    ++workload.workflow.generate_data=False ++workload.train.computation_time=300 ++workload.reader.batch_size=80
  wait_until started
  sleep 0.3
  kill -$signal "$job"
  join
  equal "$rc" 130 "exit code after SIG$signal while computing"
  has err 'interrupted in step 1 of epoch 1'
  has run/summary.json '"status": "failed"'
  lacks "$work/out" '\[METRIC\]'
done
equal "$(count_files data '*.parquet')" 4

# The front end.
run_ok "$STOKER_BIN" training datagen --model flux --num-processes 1 --data-dir D --results-dir R \
  --params dataset.num_files_train=2 dataset.num_samples_per_file=2
start "$STOKER_BIN" training run --model flux --accelerator-type b200 --num-accelerators 1 --client-host-memory-in-gb 8 --loops 3 \
  --data-dir D --results-dir R --params reader.batch_size=2 train.computation_time=300
wait_until started
sleep 0.3
kill -INT "$job"
join
equal "$rc" 130 'exit code of the front end'
equal "$(find R/training/flux/run -name summary.json | wc -l)" 1 'runs after the interrupt'
has "$(one_of R/training/flux/run/*/summary.json)" '"status": "failed"'

