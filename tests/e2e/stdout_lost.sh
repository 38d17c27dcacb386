# An answer that does not arrive is no success, and nothing that is printed gets into a file of the results.
. "$(dirname "$0")/common.inc.sh"

sizes=(training datasize --model unet3d -g h100 --max-accelerators 1 -cm 4 --results-dir R --data-dir D)
for command in 'rules list' 'manifest' 'host-facts' 'system init' '--help' "${sizes[*]}"; do
  # shellcheck disable=SC2086
  rc=0; "$STOKER_BIN" $command >/dev/full 2>err || rc=$?
  [[ $rc == 6 ]] || fail "$command on a full device: exit code $rc, expected 6"
  has err 'stoker: error: \[E40[35]\] stdout: the output could not be written'
  # shellcheck disable=SC2086
  rc=0; "$STOKER_BIN" $command >&- 2>err || rc=$?
  [[ $rc == 6 ]] || fail "$command with a closed stdout: exit code $rc, expected 6"
  times 1 'error: ' err
done

# A reader that goes takes nothing along: all loops run, and all are recorded.
generate() { "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir L --loops 2 \
  --dataset-format parquet --params dataset.num_files_train=4 dataset.record_length_bytes=4096 dataset.record_length_bytes_stdev=0; }
generate 2>err | true
generate 2>&1 | head -1 >out
equal "$(grep -l '"exit_code": 0' L/training/unet3d/datagen/*/*_metadata.json | wc -l)" 4 'runs that are recorded'

rm -rf R L D "$HOME"/*
"$STOKER_BIN" "${sizes[@]}" >&- 2>&- && fail 'success without an answer'
"$STOKER_BIN" "${sizes[@]}" >out 2>&- || fail 'a closed stderr is no failure'
times 1 '^number of training files: 3500' out
lacks "$HOME/mlps_history" 'number of training files|error:'
for file in R/training/unet3d/datasize/*/*; do lacks "$file" '^number of training files|^stoker: error'; done
