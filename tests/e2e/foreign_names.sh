# Data sets of other programs: which names and folders are taken, what is hidden, and what is said when there is nothing.
. "$(dirname "$0")/common.inc.sh"
generate_small ++workload.dataset.num_files_eval=1
# taken STEPS OVERRIDE...
taken() {
  local steps=$1
  shift
  rm -rf run
  run_ok train_small ++workload.dataset.data_folder=theirs "$@"
  has out "epoch 1: $steps steps in"
}
file=data/train/img_0_of_4.parquet

# Hidden files are no data, and would come first by name.
mkdir -p theirs/train
for name in ._f0.parquet .f0.parquet _metadata _SUCCESS _f.parquet; do echo none >theirs/train/$name; done
cp $file theirs/train/f1.parq
cp $file theirs/train/f2.PQ
taken 20 ++workload.dataset.num_files_train=2
lacks err WARNING
rm -rf theirs

# Names of data hubs, in a folder data or without one.
mkdir -p theirs/data
for i in 0 1; do cp $file theirs/data/train-0000$i-of-00002.parquet; done
cp $file theirs/data/validation-00000-of-00001.parquet
taken 20 ++workload.dataset.num_files_train=2 ++workload.dataset.num_files_eval=1 ++workload.workflow.evaluation=True --ranks 2 \
  ++workload.reader.batch_size=2
lacks err WARNING
mv theirs/data/*.parquet theirs
mv theirs/validation-00000-of-00001.parquet theirs/test-00000-of-00001.parquet
taken 20 ++workload.dataset.num_files_train=2 ++workload.dataset.num_files_eval=1 ++workload.workflow.evaluation=True
has err 'WARNING.*evaluating with the test split'
rm -rf theirs

# Files that lie in the data folder itself, where there is no folder train.
mkdir theirs
cp $file theirs/a.parquet
taken 10 ++workload.dataset.num_files_train=1
has err "WARNING.*theirs: there is no folder 'train': taking the files that lie in the data folder"

# Nothing: what is there instead, and what would have been taken.
rm -rf run theirs/*
touch theirs/a.csv theirs/b.csv theirs/c.json theirs/._x
run_fails 3 train_small ++workload.dataset.data_folder=theirs
has err "theirs/train: found 0 files ending in '.parquet', '.parq' or '.pq', expected 4 .*found instead: 2 files ending in '.csv', 1 file ending in '.json', 1 hidden file" \
  'hint: .*train-00000-of-00001.parquet.*names that begin with . or _ are hidden'
