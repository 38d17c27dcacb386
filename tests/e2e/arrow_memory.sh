# What a run holds in memory is told from the files' own row groups, not from the size that row groups may have; what does
# not fit is refused with the settings that make it less.
. "$(dirname "$0")/common.inc.sh"
w=++workload
columns="$w.dataset.parquet.columns=[{name: v, dtype: float32, size: 8192}]"
# As configured, a row group would take 305 GiB. The files have one of 1.3 MB.
configured=("$columns" $w.dataset.parquet.row_group_size=10000000)

generate_small "${configured[@]}"
rm data/stoker_dataset.*
for decode in arrow arrays; do
  run_ok train_small "${configured[@]}" $w.dataset.num_samples_per_file=10000000 $w.dataset.parquet.decode=$decode
  has out 'memory for reading: at most [0-9.]+ MiB per rank \(2 reader threads of [0-9.]+ MiB and [0-9.]+ [KM]iB read ahead(, 56.0 MiB that Arrow keeps)?\)' 'used everywhere'
done

run_fails 5 train_small "${configured[@]}" $w.dataset.parquet.decode=arrow $w.reader.read_threads=65536
has err 'reading needs about [0-9.]+ [GT]iB on this host \(1 rank\), with only [0-9.]+ .iB available' \
  'hint: lower reader.read_threads or reader.chunk_bytes, generate smaller row groups .* dataset.parquet.decode: arrays'
run_fails 5 train_small "${configured[@]}" $w.reader.read_threads=65536
has err 'hint: lower reader.read_threads or reader.chunk_bytes'
run_fails 5 train_small "${configured[@]}" $w.reader.read_threads=65536 $w.reader.collate=True
has err 'hint: lower reader.prefetch_size, reader.read_threads or reader.batch_size, or set reader.collate: false'
