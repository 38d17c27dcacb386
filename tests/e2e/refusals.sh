# What cannot work is refused before anything is written: one message that names the key, the value and the remedy.
. "$(dirname "$0")/common.inc.sh"
w=++workload

# refused CODE "WORDS" OVERRIDE...: exit code, words of the message in this order, and nothing on disk.
refused() {
  local code=$1 words=$2
  shift 2
  run_fails "$code" small "$@"
  times 1 '^stoker: error: ' err
  has err "$words"
  [[ ! -s out ]] || fail "a refusal went to stdout"
  absent run data
}

# Names.
refused 5 "framework: found 'mxnet', expected one of tensorflow, pytorch" $w.framework=mxnet
refused 5 "dataset.format: found 'parq', expected one of .*parquet" $w.dataset.format=parq
refused 5 "reader.data_loader: found 'torch', expected one of .*pytorch" $w.reader.data_loader=torch
refused 5 "reader.file_shuffle: found 'maybe', expected one of off, seed, random" $w.reader.file_shuffle=maybe
refused 5 "reader.sample_shuffle: found 'maybe', expected one of off, seed, random" $w.reader.sample_shuffle=maybe
refused 5 "profiling.profiler: found 'perf', expected one of none, iostat" $w.profiling.profiler=perf
refused 5 "storage.storage_type: found 'nfs', expected one of local_fs, parallel_fs, direct_fs" $w.storage.storage_type=nfs
refused 5 "checkpoint.mode: found 'part', expected one of default, subset" $w.checkpoint.mode=part
refused 5 "dataset.compression: found 'brotli', expected one of .*snappy, lz4, zstd" $w.dataset.compression=brotli
refused 5 "dataset.compression: found 'zst'.*did you mean 'zstd'" $w.dataset.compression=zst
refused 5 "dataset.compression: found bz2, expected one of none, snappy, gzip, zstd, lz4 for dataset.format parquet" \
  $w.dataset.compression=bz2
refused 5 "dataset.parquet.columns\[0\].dtype: found 'float31', expected one of uint8, .*float32" \
  "$w.dataset.parquet.columns=[{name: a, dtype: float31}]"
refused 5 "dataset.parquet.read_mode: found 'rows', expected one of default, row_group" $w.dataset.parquet.read_mode=rows
refused 5 "dataset.parquet.decode: found 'fast', expected one of arrays, arrow, decompress, none" $w.dataset.parquet.decode=fast

# Keys and overrides.
refused 5 "dataset.parquet.row_group_sz: unknown key; did you mean 'row_group_size'" $w.dataset.parquet.row_group_sz=3
refused 5 "reader.read_thread: not in the workload file; did you mean 'read_threads'" workload.reader.read_thread=3
has err 'hint: .*\+\+workload.reader.read_thread=3'
refused 2 'bad override syntax' =3
refused 5 "it ends where ',' or ']' in a list was expected" '++workload.reader.list=[1'
refused 5 "storage.storage_root: bad value: '~' outside quotes" $w.storage.storage_root=~/data
has err "hint: put the value into quotes"
refused 5 "dataset.data_folder: bad value: found '=', expected the end of the value" $w.dataset.data_folder=/data/a=b
refused 5 "several values, which Hydra would try one after the other" $w.reader.read_threads=1,2

# Numbers.
refused 5 'reader.batch_size: found 0, expected at least 1' $w.reader.batch_size=0
refused 5 'train.epochs: found 0, expected at least 1' $w.train.epochs=0
refused 5 'dataset.record_length_bytes: found 0, expected at least 1' $w.dataset.record_length_bytes=0
refused 5 'reader.read_threads: found -1, expected ' $w.reader.read_threads=-1
refused 5 'dataset.num_files_train: found -1, expected at least 0' $w.dataset.num_files_train=-1
refused 5 "reader.read_threads: found 'many', expected an integer" $w.reader.read_threads=many
refused 5 'dataset.compression_level: found 11, expected 1 to 9 for gzip' $w.dataset.compression=gzip $w.dataset.compression_level=11
refused 5 'dataset.parquet.row_group_size: found 0, expected at least 1' $w.dataset.parquet.row_group_size=0

# Sections that disagree.
refused 5 'nothing to do: workflow.train, workflow.generate_data and workflow.checkpoint are all False' \
  $w.workflow.train=False $w.workflow.generate_data=False
refused 5 'nothing to generate: dataset.num_files_train and dataset.num_files_eval are both 0' $w.dataset.num_files_train=0
refused 5 'framework and reader.data_loader disagree: found tensorflow and pytorch' $w.framework=tensorflow
refused 5 'an epoch has no step: 4 files with 40 samples each .*1000 samples of one step' $w.reader.batch_size=1000
has err 'at least 25 files are needed: .*dataset.num_files_train=25'
refused 5 'train.total_training_steps: found 1000, expected at most the 40 steps' $w.train.total_training_steps=1000
refused 5 'dataset.record_dims and dataset.record_length_bytes_stdev exclude each other' $w.dataset.record_dims=[3,4] \
  $w.dataset.record_length_bytes_stdev=3
refused 5 'jpeg: .*more than 2 dimensions: found 3' $w.dataset.format=jpeg $w.dataset.record_dims=[3,4,5]
refused 5 "dataset.parquet.columns\[1\]: a second column named 'a'" "$w.dataset.parquet.columns=[{name: a},{name: a}]"
refused 5 'the only column has read: False' "$w.dataset.parquet.columns=[{name: a, read: false}]"
refused 5 "storage.storage_options.columns: no column 'labbel' .*did you mean 'label'" $w.storage.storage_options.columns=[labbel]
refused 5 "dataset.parquet.partition_by: column 'weight' is float32, expected a single integer, a string or a bool" \
  $w.dataset.parquet.partition_by=weight
refused 5 "dataset.parquet.partition_by: found 'nope', expected a column of" $w.dataset.parquet.partition_by=nope

refused 5 "reader.collate: column 'note' is string, whose rows have different sizes" $w.reader.collate=True
refused 5 'reader.collate: found True, but dataset.parquet.decode: none makes no arrays' $w.reader.collate=True \
  $w.dataset.parquet.decode=none
refused 5 'reader.collate: found True, but a synthetic loader' $w.reader.collate=True $w.reader.data_loader=synthetic

# What this program never does, and what this version does not do yet.
refused 5 "reader.reader_classname: found 'a.b', but plug-ins in Python are not supported" $w.reader.reader_classname=a.b
refused 5 'plug-ins in Python are not supported' $w.reader.data_loader_classname=a.b
refused 5 'plug-ins in Python are not supported' $w.checkpoint.checkpoint_mechanism_classname=a.b
refused 5 'plug-ins in Python are not supported' $w.reader.data_loader=custom
refused 6 'storage.storage_type: found s3, but object stores are not supported' $w.storage.storage_type=s3
refused 6 'workflow.checkpoint: True is not supported by this version' $w.workflow.checkpoint=True
refused 6 'profiling.profiler: found tensorboard' $w.workflow.profiling=True $w.profiling.profiler=tensorboard
refused 5 'profiling.profiler: darshan is not loaded' $w.workflow.profiling=True $w.profiling.profiler=darshan
refused 5 'dataset.hdf5.chunk_dims: found 2 sizes, expected 3 for arrays of' $w.dataset.format=hdf5 $w.dataset.hdf5.chunk_dims=[1,2]

# Files and names of workloads.
run_fails 3 "$STOKER_BIN" dlio workload=dlrm_b20
has err "workload 'dlrm_b20' not found" "did you mean 'dlrm_b200'" 'unet3d_h100'
run_fails 2 "$STOKER_BIN" dlio --colour=always
has err "unknown option '--colour"
mkdir -p broken/workload
printf 'dataset:\n  num_files_train: 3\n  format: [parquet\n' >broken/workload/broken.yaml
run_fails 5 "$STOKER_BIN" dlio --config-dir broken workload=broken
has err 'broken.yaml:[0-9]+:[0-9]+'
printf 'dataset:\n  parquet:\n    row_group_sice: 4\n' >broken/workload/broken.yaml
run_fails 5 "$STOKER_BIN" dlio --config-dir broken workload=broken
has err "did you mean 'row_group_size'" 'broken.yaml:3:[0-9]+'
