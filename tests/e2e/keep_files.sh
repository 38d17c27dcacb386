# keep_files: False deletes the data set after a run, but not after its generation alone: the files that the manifest names,
# and folders that are empty then.
. "$(dirname "$0")/common.inc.sh"
gone=++workload.dataset.keep_files=False

run_ok small $gone ++workload.workflow.train=False
equal "$(count_files data '*.parquet')" 4
rm -rf run
run_ok train_small $gone
check_results run 1
has out 'keep_files is False: deleted 4 files of data'
absent data

# What others put there stays, with its folders; leftovers of the data set's own files do not.
generate_small ++workload.dataset.num_subfolders_train=2
touch data/train/mine data/train/0/img_00_of_12.parquet data/train/1/img_1_of_4.parquet.tmp data/notes
mkdir data/train/other
run_ok train_small $gone ++workload.dataset.num_subfolders_train=2
has out 'deleted 5 files of data' '3 folders stay: what else lies in them was kept'
equal "$(cd data && find . -mindepth 1 | sort | tr '\n' ' ')" './notes ./train ./train/0 ./train/0/img_00_of_12.parquet ./train/mine ./train/other '
rm -rf data run

# The manifest decides which files these are, not what the run asks for.
generate_small ++workload.dataset.num_files_train=6 ++workload.dataset.file_prefix=part
run_ok train_small $gone ++workload.dataset.num_files_train=2
has out 'deleted 6 files of data'
absent data
rm -rf run

# Without a manifest nothing is deleted, which is said before hours of training and after them.
generate_small
rm data/stoker_dataset.*
run_ok train_small $gone
has err 'WARNING.*keep_files is False, but data has no stoker_dataset.json: only files that a manifest names are deleted'
has out 'keep_files is False, but data has no stoker_dataset.json'
equal "$(count_files data '*.parquet')" 4
rm -rf run data

# A run that fails, or that only generates, keeps them.
generate_small
run_fails 5 train_small $gone '++workload.dataset.parquet.columns=[{name: none}]'
equal "$(count_files data '*.parquet')" 4
rm -rf run

# A folder with results of another run, or whose data lie behind a link, is refused at the start.
touch data/summary.json
run_fails 5 train_small $gone
has err 'data: the data set in this folder may not be deleted: it holds results of a run \(summary.json\)' 'hint: .*dataset.data_folder'
lacks out 'epoch 1'
absent run
rm data/summary.json
mv data/train elsewhere
ln -s ../elsewhere data/train
run_fails 5 train_small $gone
has err 'may not be deleted: its folder train is a link'
equal "$(count_files elsewhere '*.parquet')" 4
# The data folder itself may be a link.
rm data/train
mv elsewhere data/train
mv data real
ln -s real data
run_ok train_small $gone
equal "$(find real | wc -l)" 1
[[ -L data ]] || fail 'the link is gone'
