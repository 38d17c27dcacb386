# reader.read_type: memory reads each byte of the data set once, whatever the number of epochs.
. "$(dirname "$0")/common.inc.sh"
# Files that are larger than what opening one reads anyway.
size=(++workload.dataset.num_samples_per_file=20000 ++workload.reader.batch_size=1000)
generate_small "${size[@]}"

# per_epoch: bytes asked of the storage in each epoch, from a list in the summary.
per_epoch() { tr -d '\n ' <run/summary.json | sed 's/.*"train_bytes_read":\[\([0-9,]*\)\].*/\1/'; }

run_ok train_small "${size[@]}" ++workload.train.epochs=3
IFS=, read -r -a bytes <<<"$(per_epoch)"
equal "${bytes[1]}" "${bytes[2]}" 'bytes of epochs 2 and 3, read on demand'
[[ ${bytes[1]} -gt 0 ]] || fail 'nothing was read in epoch 2'
on_demand=${bytes[1]}
useful=$(json_value run/summary.json train_useful_bytes)
rm -rf run

run_ok train_small "${size[@]}" ++workload.train.epochs=3 ++workload.reader.read_type=memory
check_results run 1
IFS=, read -r -a bytes <<<"$(per_epoch)"
[[ $((bytes[0] * 10)) -ge $((on_demand * 9)) ]] || fail "epoch 1 read ${bytes[0]} bytes, an epoch on demand $on_demand"
equal "${bytes[1]}" 0
equal "${bytes[2]}" 0
equal "$(json_value run/summary.json train_useful_bytes)" "$useful" 'useful bytes'
has err 'reader.read_type is memory: what was read once is not read from the storage again'
