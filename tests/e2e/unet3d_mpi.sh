# The same two commands over processes: mpirun is built, shown and run, its output and exit code are kept.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
launch=(--exec-type mpi --allow-run-as-root --oversubscribe)

run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 2 "${launch[@]}" --data-dir D --results-dir R \
  --dataset-format parquet --compression zstd \
  --params dataset.num_files_train=14 dataset.record_length_bytes=65536 dataset.record_length_bytes_stdev=0
equal "$(count_files D/unet3d/train '*.parquet')" 14
has err 'command: .*mpi(run|exec) -n 2 .*--oversubscribe.*--allow-run-as-root'
has out '2 accelerators on 1 host'
times 1 'generated 14 files' "$(one_of R/training/unet3d/datagen/*)/dlio.log"

run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type h100 --client-host-memory-in-gb 64 \
  "${launch[@]}" --data-dir D --results-dir R --params reader.batch_size=3 train.epochs=2 train.computation_time=0.01
result=$(one_of R/training/unet3d/run/*)
check_results "$result" 2
check_summary_keys "$result/summary.json"
check_metric_block out
has "$result/training_run.stdout.log" '^\[METRIC\] Number of Simulated Accelerators: 2'
has "$result/summary.json" '"ranks_as": "mpi processes"'

# The engine's exit code is the command's: here a batch that no epoch can fill.
run_fails 5 "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type h100 --client-host-memory-in-gb 64 \
  "${launch[@]}" --data-dir D --results-dir R2 --params reader.batch_size=100
times 1 'an epoch has no step' err
