# What a run holds in memory is told from the files' row groups, not from configured ones.
. "$(dirname "$0")/common.inc.sh"
w=++workload
big=($w.dataset.parquet.row_group_size=1000000 $w.dataset.record_length_bytes=131072)

# 10 rows in a row group, whatever the configuration says of the size that row groups may have.
generate_small $w.dataset.num_samples_per_file=10 "$w.dataset.parquet.columns=[{name: v, dtype: float32, size: 2048}]"
rm -f data/stoker_dataset.*
run_ok train_small $w.dataset.num_samples_per_file=10 $w.dataset.parquet.decode=arrow "${big[@]}"
has out 'memory for reading: at most [0-9.]+ MiB per rank'
