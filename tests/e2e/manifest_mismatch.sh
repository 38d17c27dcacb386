# What the manifest says wins over the workload file, what the user says wins over both, and what cannot be is refused.
. "$(dirname "$0")/common.inc.sh"
datagen() {
  "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --results-dir R --dataset-format parquet "$@"
}
run_it() {
  rm -rf R
  "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 \
    --results-dir R "$@"
}
quick=(reader.batch_size=1 train.epochs=1 train.computation_time=0.001)

run_ok datagen --data-dir D --params dataset.num_files_train=6 dataset.record_length_bytes=10000 dataset.record_length_bytes_stdev=0
# Fewer files than there are.
run_ok run_it --data-dir D --params "${quick[@]}" dataset.num_files_train=4
has out 'epoch 1: 4 steps in'
# More than there are: the command keeps what the data set has and the user did not ask to change.
run_fails 5 run_it --data-dir D --params "${quick[@]}" dataset.num_files_train=9
times 1 'the data set has 6 training files, but 9 were asked for' err
has err 'hint: write it again: stoker training datagen .*--dataset-format parquet.*dataset.num_files_train=9 .*dataset.record_length_bytes=10000'
# And it finds the same hosts, launcher and workload files.
cp -r "$here/../../configs" own_configs
run_fails 5 run_it --data-dir D --config-dir own_configs --hosts localhost --params "${quick[@]}" dataset.num_files_train=9
has err 'write it again: stoker training datagen .*--hosts=localhost --exec-type=auto --config-dir=own_configs'
# Another record, another format, another codec.
run_fails 5 run_it --data-dir D --params "${quick[@]}" dataset.record_length_bytes=20000
times 1 'the data set has dataset.record_length_bytes 10000, but 20000 was asked for' err
run_fails 5 run_it --data-dir D --dataset-format synthetic --params "${quick[@]}"
times 1 'the data set has dataset.format parquet, but synthetic was asked for' err
run_fails 5 run_it --data-dir D --dataset-format parquet --compression zstd --params "${quick[@]}"
times 1 'the data set has dataset.compression none, but zstd was asked for' err

# A data folder that already ends in the model's name, with a slash at the end.
run_ok run_it --data-dir D/unet3d/ --params "${quick[@]}"
has out 'epoch 1: 6 steps in'

# Columns and subfolders are the data set's too; a name with a space survives all the quoting.
run_ok datagen --data-dir 'E f' --params dataset.num_files_train=4 dataset.num_samples_per_file=3 dataset.num_subfolders_train=2 \
  'dataset.parquet.columns=[{name: one, dtype: int8}, {name: the other, dtype: float32, size: 5}]'
run_ok run_it --data-dir 'E f' --params "${quick[@]}"
has out 'epoch 1: 12 steps in'
has err 'dataset.num_subfolders_train = 2' "dataset.parquet.columns: the data set's 2 columns"
equal "$(json_value "$(one_of R/training/unet3d/run/*)/summary.json" train_useful_bytes)" $((12 * 21))

# Without a manifest, as DLIO leaves its data sets, the workload file and the user describe the data.
rm D/unet3d/stoker_dataset.json
run_ok run_it --data-dir D --dataset-format parquet --params "${quick[@]}" dataset.num_files_train=6
has out 'epoch 1: 6 steps in'
