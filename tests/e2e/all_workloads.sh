# Every training workload of the program, with a few small files: written and trained on in its own format, by both front ends,
# with ranks as threads and as processes.
. "$(dirname "$0")/common.inc.sh"

# Two steps of each rank, and nothing that takes long. Samples are small where a workload gives their length.
few=(dataset.num_files_train=8 dataset.num_files_eval=2 dataset.num_samples_per_file=4 reader.batch_size=2 train.epochs=1
  train.computation_time=0.001 evaluation.eval_time=0.001 reader.read_threads=2)
small=(dataset.record_length_bytes=20000 dataset.record_length_bytes_stdev=0)
written() { find "$1" -type f ! -name 'stoker_dataset*' -printf '%s\n' | awk '{ sum += $1 } END { print sum }'; }

launches=("--ranks=2")
[[ -z ${STOKER_MPIRUN:-} ]] || launches+=(mpi)
for file in "$STOKER_SOURCE_DIR"/configs/workload/*.yaml; do
  name=$(basename "$file" .yaml)
  case $name in
    llama3_* | *_datagen) continue ;;  # checkpoints; data sets of others here
  esac
  params=("${few[@]/#/++workload.}")
  grep -q 'columns:' "$file" || params+=("${small[@]/#/++workload.}")
  for launch in "${launches[@]}"; do
    command=("$STOKER_BIN" dlio "workload=$name" "++workload.dataset.data_folder=D/$name" "++hydra.run.dir=R" "${params[@]}")
    if [[ $launch == mpi ]]; then
      command=("$STOKER_MPIRUN" --allow-run-as-root --oversubscribe -n 2 "${command[@]}")
    else
      command+=("$launch")
    fi
    rm -rf "D/$name" R
    run_ok "${command[@]}" ++workload.workflow.generate_data=True ++workload.workflow.train=True
    has out "${name%_*}"
    has D/"$name"/stoker_dataset.json '"complete": true'
    has R/summary.json '"generation_files": 10' "\"generation_bytes\": $(written "D/$name"),"
    has out 'rows +32 of 32 samples read, none more than once'
  done
done

# What datasize says will be written is what is written, to the byte: here of one file, times their number.
for pair in unet3d:h100 cosmoflow:h100 resnet50:h100 retinanet:b200 flux:b200 dlrm:b200; do
  model=${pair%:*}
  params=(dataset.num_samples_per_file=4)
  [[ $model == flux || $model == dlrm ]] || params+=("${small[@]}")
  rm -rf "E/$model"
  run_ok "$STOKER_BIN" training datasize --results-dir R2 -m "$model" -g "${pair#*:}" -ma 1 -cm 1 --data-dir E --params "${params[@]}"
  files=$(sed -n 's/^number of training files: //p' out)
  bytes=$(sed -n 's/^datagen writes: \([0-9]*\) bytes, .*/\1/p' out)
  run_ok "$STOKER_BIN" training datagen -m "$model" --results-dir R2 --num-processes 1 --data-dir E --params "${params[@]}" \
    dataset.num_files_train=3 dataset.num_subfolders_train=0
  # An index of lines has longer ones the farther it gets, but not within a file.
  equal $((3 * bytes)) "$(($(written "E/$model") * files))" "$model: bytes of $files files"
done
