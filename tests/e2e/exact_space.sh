# A file system with exactly the blocks that a data set needs takes it and is full then; one with a block less is refused
# before anything is written. A tmpfs in a mount namespace of its own, which is gone with the command.
. "$(dirname "$0")/common.inc.sh"
unshare -m true 2>/dev/null || skip "mount namespaces need more rights"
block=$(getconf PAGESIZE)
w=++workload
shape=($w.workflow.train=False $w.dataset.num_files_train=5 $w.dataset.num_samples_per_file=3000
  "$w.dataset.parquet.columns=[{name: a, dtype: int8}, {name: v, dtype: float32, size: 33}, {name: b, dtype: bool}]"
  $w.dataset.parquet.row_group_size=700)

# blocks FILE...: what they take of a tmpfs.
blocks() {
  local sum=0 file
  for file in "$@"; do sum=$((sum + ($(stat -c %s "$file") + block - 1) / block)); done
  echo "$sum"
}

# in_tmpfs BLOCKS: generates into a tmpfs of that size; what is left of it, and how many files there are, go to left and
# files.
in_tmpfs() {
  rm -rf run data left files
  mkdir data
  run unshare -m bash -c 'mount -t tmpfs -o size='$(($1 * block))' none data && { rc=0; "$@" || rc=$?
    stat -f -c %f data >left; find data -type f | wc -l >files; exit "$rc"; }' sh \
    "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run $w.dataset.data_folder=data "${shape[@]}"
}

run_ok small "${shape[@]}"
has out '5 files .* of 3,?000 samples .*: parquet, compression none, [0-9.]+ .iB$'
mapfile -t parquet < <(find data -name '*.parquet')
mapfile -t others < <(find data -type f ! -name '*.parquet')
data_blocks=$(blocks "${parquet[@]}")
# The manifest twice, since it is replaced, the table of records, and the lock while it is written: a block each.
equal "$(blocks "${others[@]}")" 2 'blocks beside the files'
needed=$((data_blocks + 4))

in_tmpfs "$needed"
equal "$rc" 0 "exit code in a file system that is large enough"
equal "$(<left)" 2 "blocks left, where the old manifest and the lock were"

in_tmpfs $((needed - 1))
equal "$rc" 6 "exit code in a file system that lacks a block"
has err 'data: the data set needs [0-9.]+ .iB \(5 files in blocks of 4.0 KiB\), but only [0-9.]+ .iB are free' \
  'hint: free space, choose another'
equal "$(<files)" 0 "files"
