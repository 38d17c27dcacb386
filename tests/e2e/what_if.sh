# --what-if prints the command it would run and records it, but runs nothing.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 5 --data-dir D --results-dir R --dataset-format parquet --what-if \
  --params dataset.num_files_train=3
absent D
has err 'command: .*stoker dlio workload=unet3d_datagen .*\+\+hydra.run.dir=.*R/training/unet3d/datagen/[0-9]{8}_[0-9]{6} ' \
  '\+\+hydra.output_subdir=dlio_config' '\+\+workload.dataset.num_files_train=3' '--ranks=5'
# Relative folders need no quotes.
has err '\+\+workload.dataset.data_folder=D/unet3d '
folder=$(one_of R/training/unet3d/datagen/*)
has "$(one_of "$folder"/*_metadata.json)" '"executed_command": ".*workload=unet3d_datagen' '"what_if": true'
absent "$folder/summary.json"

# Over hosts: the launcher's line.
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 5 --data-dir D --results-dir R2 --dataset-format parquet --what-if \
  --exec-type mpi --hosts alpha,beta --allow-run-as-root --oversubscribe --skip-validation --mpi-params -x FOO=1
has err 'WARNING: the checks of the environment are skipped' 'command: .* -n 5 -host alpha:3,beta:2 --bind-to none --map-by node --oversubscribe --allow-run-as-root -x FOO=1 .*workload=unet3d_datagen'
run_fails 2 "$STOKER_BIN" training datagen --model unet3d --num-processes 5 --data-dir D --results-dir R2 --what-if \
  --exec-type mpi --hosts alpha:2,beta:2 --allow-run-as-root
times 1 '^stoker: error: ' err

run_fails 2 "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type b200 --client-host-memory-in-gb 4 \
  --data-dir D --results-dir R3
has err "unet3d has no workload for 'b200'" 'hint: .*unet3d: '
run_fails 2 "$STOKER_BIN" training run --model unet4d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 4 \
  --data-dir D --results-dir R3
has err "'unet4d'" "did you mean 'unet3d'|unet3d, "
run_fails 5 "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R3 --what-if \
  --params reader.batchsize=3
has err "reader.batchsize: unknown key; did you mean 'batch_size'"
absent D R3
