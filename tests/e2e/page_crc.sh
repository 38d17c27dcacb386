# A page whose header has a checksum is read with it: a flipped bit is told with file, row group, column and offset. So are
# pages of the data sets that this program writes with dataset.parquet.page_checksums.
. "$(dirname "$0")/common.inc.sh"

# A file of pyarrow's with one bit flipped: its sum would be 70368744677164 instead of 499500.
mkdir -p other/train
cp "$STOKER_SOURCE_DIR/tests/data/cases/page-crc-mismatch/a.parquet" other/train/
read_other() {
  rm -rf run
  "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=other \
    ++workload.workflow.generate_data=False ++workload.dataset.num_files_train=1 ++workload.dataset.num_samples_per_file=1000 \
    '++workload.dataset.parquet.columns=[]' ++workload.reader.batch_size=100 "$@"
}
for depth in arrays arrow decompress; do
  run_fails 6 read_other ++workload.dataset.parquet.decode=$depth
  times 1 "a.parquet: row group 0: column 'x': .*the page at byte 4 of the file has the checksum [0-9a-f]{8}, expected [0-9a-f]{8}" err
  has err 'hint: .*damaged'
  has run/summary.json '"status": "failed"' 'has the checksum'
done
# Bytes that are not looked at are not checked.
run_ok read_other ++workload.dataset.parquet.decode=none
for depth in arrays arrow decompress; do
  run_ok read_other ++workload.dataset.parquet.decode=$depth ++workload.reader.verify_checksums=False
done

# Our own: 6 bytes more for each page, found when they are wrong.
columns='++workload.dataset.parquet.columns=[{name: v, dtype: float32, size: 100}]'
generate_small "$columns" ++workload.dataset.num_files_train=2
plain=$(stat -c %s data/train/img_0_of_2.parquet)
rm -rf data
generate_small "$columns" ++workload.dataset.num_files_train=2 ++workload.dataset.parquet.page_checksums=True
equal "$(stat -c %s data/train/img_0_of_2.parquet)" $((plain + 3 * 6)) 'three row groups of a page each'
has data/stoker_dataset.json '"page_checksums": true'
run_ok train_small "$columns" ++workload.dataset.num_files_train=2 ++workload.reader.verify=True
printf '\377\377\377\377' | dd of=data/train/img_1_of_2.parquet bs=1 seek=3000 conv=notrunc status=none
run_fails 6 train_small "$columns" ++workload.dataset.num_files_train=2 --ranks 2
times 1 "img_1_of_2.parquet: row group 0: column 'v.list.element': page 0: the page at byte 4 of the file has the checksum" err
