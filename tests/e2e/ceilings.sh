# What a client and a storage can give at most is measured, found by a later run, and compared with it; what does not fit the
# run is not.
. "$(dirname "$0")/common.inc.sh"
mkdir data bin
# One that says always the same, so that it does not matter whether there is a fio here: the real one takes a second for each depth.
cat >bin/fio <<'FIO'
#!/bin/sh
case "$*" in
  *--version*) echo fio-9.9 ;;
  *--rw=write*) echo 'no room' >&2; exit 1 ;;
  *) echo '{"jobs": [{"usr_cpu": 1, "sys_cpu": 1, "job_runtime": 1000, "read": {"io_bytes": 104857600, "runtime": 1000}}]}' ;;
esac
FIO
chmod +x bin/fio
PATH=$work/bin:$PATH
quick=(--config-dir "$here/configs" --results-dir results --quiet workload=small ++workload.reader.odirect=False)

# The client needs no storage.
run_ok "$STOKER_BIN" bench client --seconds 0.01 "${quick[@]}" --json client.json
has out '^  memory copy ' '^  generation ' '^  decode ' '^  hand-over ' 'a core, reading through it: at most .*accelerators \(batches of 4, steps of'
client=$(sed -n 's/^saved in //p' out)
has "$client" '"document": "stoker ceilings"' '"name": "decode"'
cmp -s client.json "$client" || fail 'the two documents differ'

# A folder without a data set: files of its own, of which nothing is left.
run_ok "$STOKER_BIN" bench storage --data-dir data --seconds 0.05 "${quick[@]}"
has out '^reading through the page cache, cold' '<- knee' '^writing through the page cache' 'afterwards the kernel was made to forget them'
storage=$(sed -n 's/^saved in //p' out)
has "$storage" '"own_files": true' '"knee": true'
equal "$(ls -A data)" ''
run_ok "$STOKER_BIN" bench storage --data-dir data --seconds 0.05 --config-dir "$here/configs" --results-dir results workload=small
has err 'there is no data set in .*/data: writing 4 files' 'own folder: .*/data/stoker_bench_......, removed at the end'

# One with a data set: its own files, which stay as they were.
generate_small
find data -type f -exec sha256sum {} + | sort >before
run_ok "$STOKER_BIN" bench storage --data-dir data --reads-only --seconds 0.05 "${quick[@]}"
lacks out '^writing'
storage=$(sed -n 's/^saved in //p' out)
has "$storage" '"own_files": false' '"files": 4'
find data -type f -exec sha256sum {} + | sort >after
cmp -s before after || fail 'the data set changed'

# Beside fio's figures.
run_ok "$STOKER_BIN" bench storage --data-dir data --seconds 0.05 "${quick[@]}" ++workload.dataset.parquet.row_group_size=16
has out '100\.0 MiB/s' 'note  fio-9.9 reads blocks' 'note  fio: exit code 1: no room'
absent data/fio_write

# Wrong input.
run_fails 2 "$STOKER_BIN" bench storage "${quick[@]}"
has err '--data-dir is required'
run_fails 3 "$STOKER_BIN" bench storage --data-dir absent "${quick[@]}"
has err '--data-dir: absent: is no folder'
run_fails 5 "$STOKER_BIN" bench storage --data-dir data --config-dir "$here/configs" --results-dir data/results workload=small
has err 'results'
run "$STOKER_BIN" bench client "${quick[@]}" ++workload.dataset.format=synthetic
[[ $rc != 0 ]] || fail 'a workload without files was measured'
has err 'reads nothing'

# A run says how much of both it had.
run_ok "$STOKER_BIN" bench storage --data-dir data --reads-only --seconds 0.05 "${quick[@]}"
storage=$(sed -n 's/^saved in //p' out)
run_ok train_small --ceilings "$storage" --ceilings client.json
has out '^ceilings +read .*/s: [0-9]+ % of what the storage gave the minimal reader \(depth [0-9]+.*, through the page cache\), [0-9]+ % of what the client could'
has run/summary.json '"storage_share": [0-9.]+' '"client_share": [0-9.]+'
rm -rf run
# What is of something else is refused before anything is run.
run_fails 5 train_small --ceilings client.json ++workload.reader.chunk_bytes=4096
has err 'client.json: is of another shape of data'
sed 's/"hostname": ".*"/"hostname": "elsewhere"/' client.json >other.json
run_fails 5 train_small --ceilings other.json
has err 'other.json: is of another host'
run_fails 3 train_small --ceilings absent.json
echo '{"document": "a letter"}' >letter.json
run_fails 6 train_small --ceilings letter.json
has err "found 'a letter', expected 'stoker ceilings'"
run_fails 5 train_small --ceilings "$storage" --ceilings "$storage"
has err 'are of the same kind'
absent run/summary.json

# `training run` finds the newest of its data set and host by itself.
run_ok "$STOKER_BIN" training datagen --model dlrm --num-processes 1 --data-dir D --results-dir R \
  --params dataset.num_files_train=2 dataset.num_samples_per_file=12288
dlrm_run() {
  run_ok "$STOKER_BIN" training run --model dlrm --num-accelerators 1 --accelerator-type b200 --client-host-memory-in-gb 64 \
    --data-dir D --results-dir R --params reader.batch_size=1024 train.computation_time=0.001 train.epochs=1 "$@"
}
dlrm_run
lacks out '^ceilings'
run_ok "$STOKER_BIN" bench client --seconds 0.01 --results-dir R --quiet workload=dlrm_b200
run_ok "$STOKER_BIN" bench storage --data-dir D --reads-only --seconds 0.05 --results-dir R --quiet workload=dlrm_b200
has R/bench/dlrm/storage/*/ceilings.json '"data_folder": ".*/D/dlrm"'
dlrm_run
has out '^ceilings +read .* of what the storage gave the minimal reader .*, [0-9]+ % of what the client could'
dlrm_run reader.chunk_bytes=1048576
lacks out '^ceilings'
has err 'ceilings of the storage are not used: .* is of another shape of data' 'ceilings of the client are not used'

# Bytes that are computed are no storage's.
run_fails 5 "$STOKER_BIN" bench storage --data-dir data --results-dir results workload=dlrm_b200 ++workload.storage.storage_type=generated
has err 'storage.storage_type: found generated, expected a storage to measure' "hint: .*stoker bench client"
