# A data set is a function of its configuration: the bytes do not depend on ranks, write threads or processes.
. "$(dirname "$0")/common.inc.sh"
columns='[{name: a, dtype: int8},{name: b, dtype: float64},{name: s, dtype: string},{name: y, dtype: binary, size: 33},{name: v, dtype: float16, size: 7}]'

for variant in none/False zstd/False none/True gzip/True; do
  data=(++workload.dataset.compression=${variant%/*} ++workload.dataset.parquet.dictionary=${variant#*/}
    "++workload.dataset.parquet.columns=$columns" ++workload.dataset.num_files_train=7 ++workload.dataset.num_files_eval=3)
  generate_small "${data[@]}" ++workload.dataset.data_folder=reference --ranks 1 ++workload.reader.write_threads=1
  equal "$(count_files reference '*.parquet')" 10
  for shape in 2/1 3/2 1/4 8/3; do
    generate_small "${data[@]}" ++workload.dataset.data_folder=other --ranks "${shape%/*}" \
      ++workload.reader.write_threads="${shape#*/}"
    diff -r reference other >diff.txt || fail "ranks/threads $shape, $variant: $(cat diff.txt)"
    rm -rf other
  done
  # The size of a batch shapes neither row groups nor values.
  generate_small "${data[@]}" ++workload.dataset.data_folder=other ++workload.dataset.parquet.generation_batch_size=5
  diff -r reference other >diff.txt || fail "generation_batch_size 5: $(cat diff.txt)"
  # No two files are equal.
  equal "$(find reference -name '*.parquet' -exec md5sum {} + | cut -d' ' -f1 | sort -u | wc -l)" 10
  rm -rf reference other
done
