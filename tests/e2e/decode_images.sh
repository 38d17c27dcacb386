# reader.decode_images makes pixels of JPEG and PNG files, and the run says which it did.
. "$(dirname "$0")/common.inc.sh"
images=(++workload.dataset.num_files_train=6 ++workload.dataset.num_files_eval=0 ++workload.workflow.evaluation=False
  '++workload.dataset.record_dims=[60,100]' ++workload.reader.batch_size=2 ++workload.train.epochs=2)

# As bytes, as DLIO reads them: what is useful is what was read.
# A file of 6000 bytes holds 58 rows of 100 pixels as PNG; a generated JPEG file has 64 pixels.
for case in png:5800 jpeg:64; do
  format=${case%:*} pixels=${case#*:}
  set=(++workload.dataset.format=$format "${images[@]}")
  rm -rf data run
  generate_small "${set[@]}" ++workload.dataset.num_samples_per_file=1
  run_ok train_small "${set[@]}" ++workload.dataset.num_samples_per_file=1
  check_results run 1
  has out "^ +$format, images not decoded;"
  has run/summary.json '"decode_images": false' '"parquet_decode": null'
  equal "$(json_value run/summary.json train_useful_bytes)" $((6 * 2 * 6000)) "useful bytes of $format"

  # Decoded; verified, which compares the files' bytes all the same; and collated, since all have as many pixels.
  rm -rf run
  run_ok train_small "${set[@]}" ++workload.dataset.num_samples_per_file=1 ++workload.reader.decode_images=True \
    ++workload.reader.verify=True ++workload.reader.collate=True ++workload.reader.batch_size=3 --ranks 2
  check_results run 2
  has out "^ +$format, images decoded;" 'batches of tensors' '^verified '
  has run/summary.json '"decode_images": true'
  equal "$(json_value run/summary.json train_useful_bytes)" $((6 * 2 * pixels)) "pixels of $format"
  equal "$(json_value run/summary.json verified_bytes)" $((6 * 2 * 6000)) "verified bytes of $format"
done

# One image a file, however many samples it counts as: as the manifest says, not the workload.
for format in jpeg png; do
  set=(++workload.dataset.format=$format "${images[@]}")
  rm -rf data run
  generate_small "${set[@]}" ++workload.dataset.num_samples_per_file=10
  equal "$(stat -c %s data/train/img_0_of_6.$format)" 6000 "one image"
  for asked in 10 4 25; do
    rm -rf run
    run_ok train_small "${set[@]}" ++workload.dataset.num_samples_per_file=$asked ++workload.reader.verify=True
    check_results run 1
    used=$((asked < 10 ? asked : 10))
    has out "^rows +$((6 * used)) of 60 samples read in each of 2 epochs"
    [[ $asked == 10 ]] || has err "the files have 10 samples each"
  done
  rm -rf run
  run_ok train_small "${set[@]}" ++workload.dataset.num_samples_per_file=10 ++workload.reader.decode_images=True ++workload.reader.collate=True
  check_results run 1
  run_ok "$STOKER_BIN" data inspect data
  has out '60 rows'
  run_ok "$STOKER_BIN" data digest data --json
  has out '"rows": 60'
  run_ok "$STOKER_BIN" data verify data --values
done

# What is no image is told of with its path, and what to do.
rm -rf run
head -c 6000 /dev/urandom >data/train/img_3_of_6.png
set=(++workload.dataset.format=png "${images[@]}" ++workload.dataset.num_samples_per_file=10)
run_fails 6 train_small "${set[@]}" ++workload.reader.decode_images=True
times 1 'img_3_of_6.png: cannot be decoded as PNG: Not a PNG file' err
has err 'hint: .*decode_images=False'
rm -rf run
run_ok train_small "${set[@]}"

# Only images are decoded.
for format in npz parquet; do
  run_fails 5 small ++workload.dataset.format=$format ++workload.reader.decode_images=True
  has err "reader.decode_images: found True, but files of format $format are no images; expected dataset.format jpeg or png"
done
run_fails 5 small "${set[@]}" ++workload.reader.decode_images=True ++workload.reader.data_loader=synthetic
has err 'reader.decode_images: found True, but a synthetic loader or format reads no images'
