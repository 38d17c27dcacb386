# Samples that differ in size from file to file (dataset.record_length_bytes_stdev), as unet3d has them, are written, read,
# verified and proved like any others.
. "$(dirname "$0")/common.inc.sh"
w=++workload
drawn=("$w.dataset.parquet.columns=[]" $w.dataset.record_length_bytes=70000 $w.dataset.record_length_bytes_stdev=9000
  $w.dataset.num_files_train=6 $w.dataset.num_samples_per_file=4 $w.dataset.num_files_eval=2)
for more in "" $w.dataset.compression=snappy $w.dataset.num_subfolders_train=2; do
  rm -rf data run
  run_ok small "${drawn[@]}" $more $w.reader.verify=True --ranks 2
  has out 'rows +24 of 24 samples read' 'verified'
  run_ok "$STOKER_BIN" data verify data --values
  for decode in arrow decompress none; do
    rm -rf run
    run_ok train_small "${drawn[@]}" $more $w.dataset.parquet.decode=$decode
    has out 'rows +24 of 24 samples read'
  done
done
sizes=$(find data -name '*.parquet' -size +1k -printf '%s\n' | sort -u | wc -l)
[[ $sizes -ge 6 ]] || fail "$sizes different sizes"

# A single file has a folder, too.
for one in "$w.dataset.num_files_train=1 $w.dataset.num_subfolders_train=2" \
  "$w.dataset.num_files_eval=1 $w.dataset.num_subfolders_eval=2"; do
  rm -rf data run
  run_ok small $one $w.reader.batch_size=1 $w.reader.verify=True
done

params=(--params dataset.num_files_train=8 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=40000)
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet "${params[@]}"
run_ok "$STOKER_BIN" training run --model unet3d --accelerator-type h100 --num-accelerators 1 --client-host-memory-in-gb 1 \
  --data-dir D --results-dir R --allow-invalid-params "${params[@]}" train.epochs=1 train.computation_time=0.01
