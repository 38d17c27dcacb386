# Ctrl-C or a kill while data are written: no half file under a final name, no temporary file, exit code 130, and no claim that the
# data set is complete.
. "$(dirname "$0")/common.inc.sh"
# Far more than can be written before the signal comes.
many=(++workload.workflow.train=False ++workload.dataset.num_files_train=64 ++workload.dataset.num_samples_per_file=4000000
  ++workload.dataset.parquet.row_group_size=100000)
has_temporary() { [[ -n $(find data/train -name '*.tmp' -print -quit 2>/dev/null) ]]; }

for signal in INT TERM; do
  for ranks in 1 3; do
    rm -rf data run
    start "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data \
      "${many[@]}" --ranks $ranks
    wait_until has_temporary
    kill -$signal "$job"
    join
    equal "$rc" 130 "exit code after SIG$signal"
    equal "$(count_files data '*.tmp')" 0 'temporary files'
    equal "$(count_files data '*.parquet')" 0 'final files'
    times 1 'interrupted' err
    has data/stoker_dataset.json '"complete": false'
    has run/summary.json '"status": "failed"'
  done
done

# Through the front end, which passes the signal on.
rm -rf D
start "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir D --results-dir R --dataset-format parquet \
  --params dataset.num_files_train=64
started() { [[ -n $(find D -name '*.tmp' -print -quit 2>/dev/null) ]]; }
wait_until started
kill -INT "$job"
join
equal "$rc" 130
equal "$(count_files D '*.tmp')" 0 'temporary files'
has D/unet3d/stoker_dataset.json '"complete": false'
exists "$(one_of R/training/unet3d/datagen/*/training_*_metadata.json)"

# A signal that comes before the engine runs: what is begun is recorded all the same.
begun() { [[ -n $(find R2 -name '20*' -print -quit 2>/dev/null) ]]; }
start "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir E --results-dir R2 --dataset-format parquet \
  --params dataset.num_files_train=64
wait_until begun
kill -TERM "$job"
join
equal "$rc" 130
exists "$(one_of R2/training/unet3d/datagen/*/training_*_metadata.json)"
