# A data set that changes while a run reads it fails the run: a file that is opened again and is another one, and a data set that
# another one took the place of.
. "$(dirname "$0")/common.inc.sh"
generate_small
epochs() { grep -c "epoch $1: starting" "$work/out" >/dev/null; }
train=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data
  ++workload.workflow.generate_data=False)

# The same bytes again, a moment later, is a change, too: who writes there may be half way through.
start "${train[@]}" ++workload.train.epochs=100000 ++workload.train.computation_time=0
wait_until epochs 3
file=$(one_of data/train/*_2_of_4.parquet)
cp "$file" new
mv new "$file"
join
equal "$rc" 6
times 1 "^stoker: error: .*_2_of_4.parquet: was written or replaced since it was opened first in this run" err
has run/summary.json '"status": "failed"' '"train_au_percentage"'

# With other rows the rows are told.
"$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=other ++workload.dataset.data_folder=other-data \
  ++workload.workflow.train=False ++workload.dataset.num_samples_per_file=13 >/dev/null
start "${train[@]}" ++workload.train.epochs=100000 ++workload.train.computation_time=0
wait_until epochs 3
cp other-data/train/*_1_of_4.parquet new
mv new "$(one_of data/train/*_1_of_4.parquet)"
join
equal "$rc" 6
has err '_1_of_4.parquet: has 13 rows, but 40 were planned'

# All that was read was read before: the manifest tells.
rm -rf data
generate_small
start "${train[@]}" ++workload.train.epochs=1 ++workload.train.computation_time=0.1
wait_until epochs 1
sed -i 's/"complete": true/"complete": false/' data/stoker_dataset.json
join
equal "$rc" 6
times 1 '^stoker: error: data: the data set changed while it was read' err
lacks out '\[METRIC\]'

# What does not change is not taken for a change: other names in the folder, times of reading, another mode.
sed -i 's/"complete": false/"complete": true/' data/stoker_dataset.json
start "${train[@]}" ++workload.train.epochs=3 ++workload.train.computation_time=0.1
wait_until epochs 2
cp data/train/*_1_of_4.parquet data/train/beside.parquet
chmod 600 data/train/*
cat data/train/* >/dev/null
join
equal "$rc" 0
