# What the rules say of a run before it starts, and what that means with --open, --closed and neither.
. "$(dirname "$0")/common.inc.sh"
mkdir -p D/flux
# Many files, so that any machine's memory is small beside them; nothing is run.
plan() {
  "$STOKER_BIN" training run --model flux --num-accelerators 1 --accelerator-type b200 --client-host-memory-in-gb 1 --data-dir D \
    --results-dir R --what-if "$@"
}
closed=(--params dataset.num_files_train=1000000)
open=("${closed[@]}" --params reader.data_loader=dali)
invalid=("${closed[@]}" --params reader.batch_size=1)
neither='WARNING: neither --open nor --closed was given'

run_ok plan "${closed[@]}"
has err 'before the run: CLOSED' "$neither" '\(training.files\)'
has "$(one_of R/training/flux/run/*/*_metadata.json)" '"verification": "CLOSED"'
run_ok plan "${closed[@]}" --open
lacks err "$neither"
run_ok plan "${closed[@]}" --closed
lacks err "$neither"

rm -rf R
run_ok plan "${open[@]}"
has err 'before the run: OPEN' "$neither" '\[OPEN\] reader.data_loader may be set in the OPEN division only.*\(training.override.open\)' \
  'reader.data_loader: expected pytorch, found dali' 'remedy: use --open'
has "$(one_of R/training/flux/run/*/*_metadata.json)" '"verification": "OPEN"'
run_ok plan "${open[@]}" --open
rm -rf R
run_fails 1 plan "${open[@]}" --closed
times 1 '^stoker: error: \[E302\] --closed: the run would be OPEN' err
has err 'hint: use --open'
absent R
# Allowing what is INVALID does not make an OPEN run CLOSED.
run_fails 1 plan "${open[@]}" --closed --allow-invalid-params

run_ok plan "${invalid[@]}"
has err 'before the run: INVALID' "$neither" '\[INVALID\] reader.batch_size may not be set' 'reader.batch_size: expected 48, found 1'
has "$(one_of R/training/flux/run/*/*_metadata.json)" '"verification": "INVALID"'
rm -rf R
for division in --open --closed; do
  run_fails 1 plan "${invalid[@]}" $division
  times 1 "^stoker: error: \[E301\] $division: the run would be INVALID" err
  absent R
  run_ok plan "${invalid[@]}" $division --allow-invalid-params
  has err "WARNING: $division: the run is INVALID; --allow-invalid-params lets it go on"
  rm -rf R
done
run_fails 2 plan "${closed[@]}" --open --closed

# A data set that is too small.
run_fails 1 plan --params dataset.num_files_train=2 --open
has err 'the data set misses the minimum of [0-9]+ files: ' 'remedy: .*stoker training datasize'
# Hosts that cannot be asked have the memory of the command line, and it is said.
run_ok plan --params dataset.num_files_train=84 --closed --exec-type mpi --hosts alpha --allow-run-as-root --skip-validation
has err 'warning: the memory of the hosts is what the command line says.*\(run.hosts\)' 'meets the minimum of 84 files'

# A workload file of one's own is judged like overrides of the keys that it changes.
mkdir -p own/workload
stock=$(dirname "$0")/../../configs/workload/flux_b200.yaml
for change in 's/compression: none/compression: zstd/:INVALID' 's/file_shuffle: seed/file_shuffle: random/:INVALID' \
  's/num_samples_per_file: 288/num_samples_per_file: 28800/:OPEN' 's/read_threads: 8/read_threads: 16/:CLOSED'; do
  sed "${change%:*}" "$stock" > own/workload/flux_b200.yaml
  run_ok plan "${closed[@]}" --config-dir own
  has err "before the run: ${change##*:}"
done
lacks err '\(training.workload\)'
printf 'train:\n  total_training_steps: 5\n' > own/steps
sed '/^train:/r own/steps' "$stock" | sed '0,/^train:/{/^train:/d}' > own/workload/flux_b200.yaml
run_fails 1 plan "${closed[@]}" --config-dir own --closed
has err '\[INVALID\] train.total_training_steps of the workload file .*\(training.workload\)' 'expected -1, found 5'

# configview is judged like the run; the configuration of a datagen workload is nothing to judge.
run_fails 1 "$STOKER_BIN" training configview --model flux --accelerator-type b200 --num-accelerators 1 --params reader.batch_size=1 --closed
run_ok "$STOKER_BIN" training configview --model flux --accelerator-type b200 --num-accelerators 1 --params dataset.num_files_train=1000000 --closed
has out '^reader.batch_size +48'
run_ok "$STOKER_BIN" training configview --model flux
lacks err 'by the rules'
# Uneven slots are uneven accelerators.
run_ok "$STOKER_BIN" training configview --model flux -g b200 -na 8 --hosts a:6,b:2 -cm 8 --closed
has err 'training.even_hosts' 'expected 4 on each host, found 8 on 2 hosts: from 2 to 6 on each'
run_ok "$STOKER_BIN" training configview --model flux -g b200 -na 8 --hosts a:8,b:8 -cm 8 --closed
lacks err 'training.even_hosts'

# Real runs: a Parquet data set for unet3d is OPEN, a compressed one INVALID; after the run the verdict knows the AU.
for codec in none zstd; do
  rm -rf D R
  run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
    --compression $codec --params dataset.num_files_train=14 dataset.record_length_bytes=1000 dataset.record_length_bytes_stdev=0
  has err 'INFO: by the rules too few for any run: 14 files of this size'
  train=("$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 1
    --data-dir D --results-dir R --params train.computation_time=0.001)
  run_fails 1 "${train[@]}" --open
  has err '\[OPEN\] dataset.format may be set in the OPEN division only'
  run_ok "${train[@]}" --open --allow-invalid-params
  has out '^by the rules, after the run: INVALID' 'train_au_mean_percentage: expected >= 90 %, found ' '\(training.au\)'
  if [[ $codec == zstd ]]; then
    has err '\[INVALID\] dataset.compression may not be set: compressed data'
  else
    lacks err 'dataset.compression may not'
  fi
done
# A run that fails is no run.
file=$(find D -name '*.parquet' | head -n 1)
size=$(stat -c %s "$file")
truncate -s 100 "$file"
run_fails 6 "${train[@]}"
has out '^by the rules, after the run: INVALID' '\(run.finished\)'
truncate -s "$size" "$file"
# One that cannot begin is refused, with the command that writes enough, and there is nothing to judge.
rm -r R
run_fails 5 "${train[@]}" --params reader.batch_size=100
times 1 '^stoker: error: \[E102\] D/unet3d: an epoch has no step: 14 training files ' err
has err 'hint: write it again: stoker training datagen .* dataset.num_files_train=100 .* --overwrite$'
absent R
lacks out 'by the rules'

# The rules themselves.
run_ok "$STOKER_BIN" rules list
has out '^training.files ' '^checkpointing.cache ' '^submission.gaps ' '^kvcache.users ' '^vectordb.runtime '
run_ok "$STOKER_BIN" rules list --benchmark checkpointing
has out '^checkpointing.fsync '
lacks out '^training'
run_fails 2 "$STOKER_BIN" rules list --benchmark chess
run_ok "$STOKER_BIN" rules explain training.override.invalid
has out '^training.override.invalid: ' '^source: +\[tool\]' '^example: ' '^  dataset.parquet\* ' '^  and every other key$'
run_fails 2 "$STOKER_BIN" rules explain training.file
has err "unknown rule 'training.file'; did you mean 'training.files'"
run_fails 2 "$STOKER_BIN" rules explain
run_fails 1 "$STOKER_BIN" rules
