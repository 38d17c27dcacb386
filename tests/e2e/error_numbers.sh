# Errors of the front end have a number, one line and a hint, and end with the exit code that belongs to them.
. "$(dirname "$0")/common.inc.sh"

# refused EXIT NUMBER "WORDS" ARGUMENT...
refused() {
  local code=$1 number=$2 words=$3
  shift 3
  run_fails "$code" "$STOKER_BIN" "$@"
  times 1 '^stoker: error: ' err
  has err "^stoker: error: \[$number\] .*$words"
  [[ ! -s out ]] || fail 'an error went to stdout'
}
run=(training run --model unet3d -na 1 -g h100 -cm 4 --results-dir R)
data=(training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet)

refused 2 E101 'training run: --model is required' training run
has err "hint: see 'stoker training run --help'"
refused 2 E101 'data-dir is required' "${run[@]}"
refused 2 E102 "unknown command 'trainign'; did you mean 'training'" trainign
has err 'hint: there are: .*training, .*history'
refused 2 E102 "training: unknown command 'rum'; did you mean 'run'" training rum
refused 2 E102 "training run: unknown option '--data-dri'; did you mean '--data-dir'" "${run[@]}" --data-dri D
refused 2 E102 "option '--num' is ambiguous: it could be --num-accelerators, --num-client-hosts" training run --num 3
refused 2 E102 'exec-type: ' "${run[@]}" --exec-type ssh
refused 2 E102 'not expected: surplus' history show surplus
refused 2 E105 'closed excludes --open|open excludes --closed' "${run[@]}" --open --closed
refused 2 E102 "stream-log-level: found 'LOUD', expected one of CRITICAL, .*PLAID" "${run[@]}" --stream-log-level LOUD
refused 3 E401 'there is no data set at D/unet3d' "${run[@]}" --data-dir D
refused 5 E102 'reader.batchsize: unknown key' "${data[@]}" --params reader.batchsize=3
refused 5 E105 'nothing to generate' "${data[@]}" --params dataset.num_files_train=0
mkdir -p configs/workload
echo 'dataset: [' >configs/workload/unet3d_datagen.yaml
refused 5 E104 'YAML' "${data[@]}" --config-dir configs
refused 6 E902 "not available in this version" vectordb
refused 3 E401 'no-program is not a program' "${data[@]}" --dlio-bin-path no-program
export MPI_RUN_BIN=/no/such/mpirun
refused 6 E501 "the MPI launcher '/no/such/mpirun' was not found" "${data[@]}" --params dataset.num_files_train=2 --exec-type mpi --allow-run-as-root
unset MPI_RUN_BIN
if [[ $(id -u) != 0 ]]; then
  mkdir -m 500 closed
  refused 4 E402 'closed' training datagen --model unet3d --num-processes 1 --data-dir D --results-dir closed --dataset-format parquet
fi

# The engine's own errors have none, and the front end's says what became of it.
run_fails 5 "$STOKER_BIN" dlio workload=unet3d_h100 ++workload.train.epochs=0
times 1 '^stoker: error: train.epochs: found 0' err
mkdir fake
printf '#!/bin/sh\nexit %s\n' 9 >fake/dlio_benchmark
chmod +x fake/dlio_benchmark
refused 9 E201 'training datagen failed with exit code 9' "${data[@]}" --dlio-bin-path fake
printf '#!/bin/sh\nexit %s\n' 127 >fake/dlio_benchmark
refused 127 E204 'failed with exit code 127' "${data[@]}" --dlio-bin-path fake
has err 'hint: program not found'
printf '#!/bin/sh\nkill -KILL $$\n' >fake/dlio_benchmark
refused 137 E201 'failed with exit code 137' "${data[@]}" --dlio-bin-path fake
has err 'hint: .*out of memory'

# Help names the whole command.
run_ok "$STOKER_BIN" training run --help
has out '^Usage: stoker training run '
run_fails 1 "$STOKER_BIN" training
has err '^Usage: stoker training '
run_fails 1 "$STOKER_BIN"
has err '^Usage: stoker '
for command in history lockfile; do
  run_fails 1 "$STOKER_BIN" $command
  has err "^Usage: stoker $command "
done
run_ok "$STOKER_BIN" training datagen --help
has out 'the command line wins'
