# --probe measures the storage with a few files and leaves nothing behind, also when it is interrupted.
. "$(dirname "$0")/common.inc.sh"
mkdir D
datasize() {
  "$STOKER_BIN" training datasize --results-dir R --model unet3d --accelerator-type h100 --max-accelerators 2 \
    --client-host-memory-in-gb 8 --data-dir D/new "$@"
}
nothing_left() { equal "$(find D -mindepth 1 | wc -l)" 0 'entries in the data folder'; }

run_ok datasize --dataset-format parquet --probe --params dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
has out '^probe: 512 files, .* written in [0-9.]+ s and flushed in [0-9.]+ s by [12] process.* on this host: [0-9.]+ MiB/s$' \
  '^expected time of datagen at this rate: .* from one host$'
nothing_left
has "$(one_of R/training/unet3d/datasize/*/*_metadata.json)" '"probe_samples_per_second":'

# With a codec, what the files really take.
run_ok datasize --dataset-format parquet --compression zstd --probe --hosts alpha,beta \
  --params dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
has out '^compressed to [0-9.]+ %: about [0-9.]+ GB' 'if each of 2 hosts writes as fast'
nothing_left

rm -rf R
run_ok datasize --dataset-format parquet --probe --what-if
has err '--probe would run: .*stoker dlio workload=unet3d_datagen .*dataset.num_files_train='
lacks out '^probe:'
nothing_left

# A failure of the engine is one of the probe, and is recorded.
rm -rf R
run_fails 6 datasize --probe --params dataset.format=csv dataset.record_element_type=complex64
times 1 '^stoker: error: \[E201\] --probe: the engine failed' err
nothing_left
exists "$(one_of R/training/unet3d/datasize/*)"/training_*_metadata.json

started() { [[ -n $(find D -name '*.parquet*' -print -quit 2>/dev/null) ]]; }
for signal in INT TERM; do
  start "$STOKER_BIN" training datasize --results-dir R --model unet3d --accelerator-type h100 --max-accelerators 1 \
    --client-host-memory-in-gb 8 --data-dir D --dataset-format parquet --compression gzip --probe --params reader.write_threads=1
  wait_until started
  kill -$signal "$job"
  join
  equal "$rc" 130 "exit code after SIG$signal"
  has err 'probe was interrupted'
  nothing_left
done
