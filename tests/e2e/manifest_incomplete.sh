# A data set whose generation did not end is refused, with the command that mends it; that command, typed as printed, does.
. "$(dirname "$0")/common.inc.sh"
run_it() {
  "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 \
    --data-dir "${folder:-D}" --results-dir R "$@"
}

run_fails 3 run_it
has err 'there is no data set at D/unet3d' 'hint: .*stoker training datasize .*--model=unet3d .*--data-dir=D'
# The command that writes it as large as the run says, of the format that is asked for, and quoted.
small=(--params dataset.num_files_train=2 dataset.record_length_bytes=100 dataset.record_length_bytes_stdev=0)
folder="it's new" run_fails 3 run_it --dataset-format parquet --compression zstd "${small[@]}"
first=$(sed -n 's/^ *hint: write it: stoker //p' err)
run_ok bash -c "\"$STOKER_BIN\" $first"
has "it's new/unet3d/stoker_dataset.json" '"format": "parquet"' '"compression": "zstd"'
rm -r "it's new" R
# A run that does not say: the command that sizes it, whose own command then writes it.
folder="it's new" run_fails 3 run_it --dataset-format parquet
sizes=$(sed -n 's/^ *hint: this prints the command that writes it: stoker //p' err)
run_ok bash -c "\"$STOKER_BIN\" $sizes"
writes=$(sed -n 's/^  stoker //p' out)
run_ok bash -c "\"$STOKER_BIN\" $writes ${small[*]}"
equal "$(count_files "it's new/unet3d/train" '*.parquet')" 2
rm -r "it's new" R

run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir D --results-dir R --dataset-format parquet \
  --compression zstd --params dataset.num_files_train=5 dataset.record_length_bytes=10000 dataset.record_length_bytes_stdev=0
# As an interrupted generation leaves it.
sed -i 's/"complete": true/"complete": false/' D/unet3d/stoker_dataset.json
rm D/unet3d/train/img_3_of_5.parquet
quick=(--params reader.batch_size=1 train.epochs=1 train.computation_time=0.001)
run_fails 5 run_it "${quick[@]}"
times 1 'D/unet3d: the data set is incomplete' err
mend=$(sed -n 's/^ *hint: datagen goes on where it stopped: stoker //p' err)
[[ $mend == 'training datagen '* ]] || fail "no command in the hint"
run_ok bash -c "\"$STOKER_BIN\" $mend"
equal "$(count_files D/unet3d/train '*.parquet')" 5
has out 'generated 1 file, .*; kept 4 files, '
run_ok run_it "${quick[@]}"
has out 'epoch 1: 5 steps in'

# A manifest that is none.
echo '{"kind": "stoker dataset", "complete": tru' >D/unet3d/stoker_dataset.json
run run_it "${quick[@]}"
[[ $rc != 0 ]] || fail 'a broken manifest was read'
has err 'stoker_dataset.json'
times 1 '^stoker: error: ' err
