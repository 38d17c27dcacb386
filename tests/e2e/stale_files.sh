# A data set is what its manifest names: older files beside it are not read, datagen tells of them, and missing ones are named.
. "$(dirname "$0")/common.inc.sh"
generate_small ++workload.dataset.data_folder=old ++workload.dataset.num_files_train=12 ++workload.dataset.num_samples_per_file=8
generate_small ++workload.dataset.compression=zstd
cp old/train/*.parquet data/train/
echo mine >data/train/notes.txt

run_ok train_small --ranks 2
check_results run 2
lacks err WARNING
has out 'epoch 1: 20 steps in'
# Every file of the old data set could be gone: none was opened.
rm -rf run
for file in data/train/img_*_of_12.parquet; do echo broken >"$file"; done
run_ok train_small
# The first files, under their own names.
rm -rf run
run_ok train_small ++workload.dataset.num_files_train=3
has err 'WARNING.*data/train: the data set has 4 files, using the first 3 \(dataset.num_files_train\)'
has out 'epoch 1: 30 steps in'
rm -rf run
run_fails 3 train_small ++workload.dataset.num_files_train=5
has err 'data/train: the data set has 4 files, expected 5 \(dataset.num_files_train\)' 'hint: .*lower dataset.num_files_train'

# Generating again, as it was, tells what else lies there.
rm -rf run
run_ok small ++workload.workflow.train=False ++workload.dataset.compression=zstd
has err 'data: beside the data set: 13 other files, [0-9.]+ .*: train/.*, \.\.\.; not read, and left there'
rm -rf run

rm data/train/img_1_of_4.parquet
run_fails 3 train_small
has err 'data/train: 1 of the 4 files that the data set.s manifest names are missing: img_1_of_4.parquet'
rm -rf run
run_ok train_small ++workload.dataset.num_files_train=1
rm -rf run

# A generation that did not end.
sed -i 's/"complete": true/"complete": false/' data/stoker_dataset.json
run_fails 5 train_small
has err 'data: the data set is incomplete'
