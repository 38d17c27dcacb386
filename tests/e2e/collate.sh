# reader.collate copies the rows of a batch together, which needs rows of one size.
. "$(dirname "$0")/common.inc.sh"
columns=('++workload.dataset.parquet.columns=[{name: a, dtype: int8},{name: v, dtype: float32, size: 12}]')

generate_small "${columns[@]}"
run_ok train_small "${columns[@]}" ++workload.reader.collate=True --ranks 2
check_results run 2
has out 'batches of tensors'
rm -rf run data

# Columns that only the files know are told at the first batch.
generate_small
run train_small '++workload.dataset.parquet.columns=[]' ++workload.reader.collate=True
[[ $rc != 0 ]] || fail 'a string column was collated'
times 1 "column 'note' has rows of different sizes" err
has err 'hint: '
lacks out '\[METRIC\]'
