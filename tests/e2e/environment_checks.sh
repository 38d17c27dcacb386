# What stands in the way of a run is found before it, collected and numbered.
. "$(dirname "$0")/common.inc.sh"
datagen=("$STOKER_BIN" training datagen --model unet3d --num-processes 1 --dataset-format parquet)
small=(--params dataset.num_files_train=2 dataset.record_length_bytes=1000 dataset.record_length_bytes_stdev=0)

run_fails 3 "${datagen[@]}" --data-dir D --results-dir no/such/place "${small[@]}"
times 1 'stoker: error: ' err
has err '--results-dir: .*no/such/place cannot be made: there is no folder .*no/such' 'hint: .*mkdir -p '
absent D no

# A data set that does not fit, besides.
run_fails 3 "${datagen[@]}" --data-dir D --results-dir no/such/place --params dataset.num_files_train=1000000000
has err '2 things stand in the way of a run' '^  1\. \[E401\] --results-dir: ' '^  2\. \[E403\] --data-dir: .* are needed at .*D/unet3d, but only .* are free'
run_fails 6 "${datagen[@]}" --data-dir D --results-dir R --params dataset.num_files_train=1000000000
has err 'stoker: error: .*--data-dir: .* are needed at .*D/unet3d, but only .* are free'
absent D R

# The launcher and the engine, with what to install.
PATH=/nowhere MPI_RUN_BIN=mpirun-of-nobody run_fails 6 "${datagen[@]}" --exec-type mpi --allow-run-as-root --data-dir D --results-dir R "${small[@]}"
has err "the MPI launcher 'mpirun-of-nobody' was not found in PATH" 'hint: .*install'
absent D R
MPI_RUN_BIN=mpirun-of-nobody run "${datagen[@]}" --exec-type mpi --allow-run-as-root --dlio-bin-path /nowhere --data-dir D --results-dir R "${small[@]}"
has err '2 things stand in the way of a run' '\[E401\] --dlio-bin-path: /nowhere' '\[E501\] the MPI launcher'

# Skipped with a warning: what then fails is the run.
run "${datagen[@]}" --data-dir D --results-dir R --skip-validation "${small[@]}"
has err 'WARNING: the checks of the environment are skipped \(--skip-validation\)'
[[ $rc == 0 ]] || fail "exit code $rc"
has "$(one_of "$(one_of R/training/unet3d/datagen/*)"/*_metadata.json)" '"skip_validation": true'
MPI_RUN_BIN=mpirun-of-nobody run "${datagen[@]}" --exec-type mpi --allow-run-as-root --data-dir D --results-dir R --skip-validation "${small[@]}"
[[ $rc != 0 ]] || fail 'a launcher that is not there started a run'
times 1 'stoker: error: ' err

# A command line that cannot be is told before, and alone.
run_fails 2 "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type b200 --client-host-memory-in-gb 64 --data-dir D \
  --results-dir no/such/place
lacks err 'results-dir'
