# Ctrl-C while two processes write: the same, through mpirun.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
started() { [[ $(find D -name '*.tmp' 2>/dev/null | wc -l) -ge 2 ]]; }

for signal in INT TERM; do
  rm -rf D R
  start "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --exec-type mpi --allow-run-as-root --oversubscribe \
    --data-dir D --results-dir R --dataset-format parquet --params dataset.num_files_train=64
  wait_until started
  kill -$signal "$job"
  join
  equal "$rc" 130 "exit code after SIG$signal"
  equal "$(count_files D '*.tmp')" 0 'temporary files'
  has D/unet3d/stoker_dataset.json '"complete": false'
done
