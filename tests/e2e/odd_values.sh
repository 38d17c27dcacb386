# Odd values of options are refused in one short line, or the program says that they have no effect.
. "$(dirname "$0")/common.inc.sh"

# refused NUMBER "WORDS" ARGUMENT...
refused() {
  local number=$1 words=$2
  shift 2
  run_fails 2 "$STOKER_BIN" "$@"
  times 1 '^stoker: error: ' err
  has err "^stoker: error: \[$number\] .*$words"
  [[ $(wc -c <err) -lt 400 ]] || fail 'a lengthy error'
  [[ ! -s out ]] || fail 'an error went to stdout'
  absent R
}
sizes=(training datasize --model unet3d -g h100 --results-dir R)
run=(training run --model unet3d -g h100 -na 1 --results-dir R --data-dir D)

for value in -5 0 1.5 1e3 0x10 five 1048577 1000000000000000000 99999999999999999999; do
  refused E102 "--client-host-memory-in-gb: found '$value', expected a whole number, 1 to 1048576" \
    "${sizes[@]}" -ma 4 -cm $value
  refused E102 "--max-accelerators: found '$value', expected a whole number" "${sizes[@]}" -ma $value -cm 4
  refused E102 "--num-client-hosts: found '$value'" "${sizes[@]}" -ma 4 -cm 4 -nc $value
  refused E102 "--loops: found '$value'" "${sizes[@]}" -ma 4 -cm 4 --loops $value
done
refused E102 "--timeseries-interval: found 'nan', expected a number, 0.1 to 3600" "${run[@]}" -cm 4 --timeseries-interval nan
refused E102 "--gpu-mem-gb: found 'inf'" kvcache datasize --gpu-mem-gb inf --results-dir R
refused E102 "--num-checkpoints-write: found '99999999999999999999'" checkpointing datasize --model llama3-8b -np 8 -cm 4 \
  --checkpoint-folder C --num-checkpoints-write 99999999999999999999 --results-dir R
refused E102 "id: found 'abc'" history rerun abc
refused E102 "--params sets keys, it does not remove them" "${sizes[@]}" -ma 4 -cm 4 --params '~reader.read_threads=4'
refused E102 'more memory than 64 bits can count' "${sizes[@]}" -ma 4 -cm 1048576 -nc 65536

refused E101 "option '--data-dir' has an empty value" "${sizes[@]}" -ma 4 -cm 4 --data-dir ''
refused E101 "option '--model' has an empty value" training run --model=
refused E102 "option '--debug' takes no value, found 'false'" "${sizes[@]}" -ma 4 -cm 4 --debug=false
refused E105 'num-client-hosts: found 2, but --hosts names 3 hosts' "${sizes[@]}" -ma 4 -cm 4 --hosts a b c -nc 2
refused E105 'num-client-hosts: found 1, but --hosts names 2 hosts' "${run[@]}" -cm 4 --hosts a b -nc 1 --allow-run-as-root --what-if

run_fails 3 "$STOKER_BIN" "${sizes[@]}" -ma 4 -cm 4 --config-dir nowhere
has err '\[E103\] --config-dir: nowhere is not a folder'

# 010 is ten, as it is for people.
run_ok "$STOKER_BIN" "${sizes[@]}" -ma 4 -cm 010
has out '5 x 10 GiB of memory'

# What has no effect is said.
run_ok "$STOKER_BIN" "${sizes[@]}" -ma 4 -cm 4 --quiet --skip-validation --params no_such_key=1
has err 'WARNING: --quiet has no effect on datasize' 'no_such_key: unknown key, ignored'
run_ok "$STOKER_BIN" kvcache datasize --results-dir R --config-dir x --quiet
has err 'WARNING: --config-dir has no effect on kvcache datasize' '--quiet has no effect'
run_ok "$STOKER_BIN" training datagen --model unet3d -np 1 --data-dir D --results-dir R --dataset-format parquet --what-if \
  --oversubscribe --mpi-params --foo
has err 'WARNING: --oversubscribe has no effect on training datagen' 'WARNING: --mpi-params has no effect'

# Each command's help has its own example.
for command in training 'training datasize' 'training datagen' 'training run' 'training configview' checkpointing \
  'checkpointing datasize' 'checkpointing run' kvcache 'kvcache datasize' rules 'rules list' 'rules explain' reports \
  'reports reportgen' 'reports validate' system 'system init' history 'history show' 'history rerun' manifest lockfile \
  'lockfile generate' 'lockfile verify'; do
  # shellcheck disable=SC2086
  run_ok "$STOKER_BIN" $command --help
  has out "^Usage: stoker $command" "^ +stoker $command"
done
