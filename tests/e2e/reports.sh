# Real runs, read back: reportgen judges them, and a package made of them is checked by validate.
. "$(dirname "$0")/common.inc.sh"

model() { # MODEL ACCELERATOR FILES PARAMS...
  local model=$1 accelerator=$2 files=$3
  shift 3
  run_ok "$STOKER_BIN" training datagen --model "$model" --num-processes 2 --data-dir D --results-dir R \
    --dataset-format parquet --params "dataset.num_files_train=$files" "$@"
  run_ok "$STOKER_BIN" training run --model "$model" --num-accelerators 1 --accelerator-type "$accelerator" \
    --client-host-memory-in-gb 1 --data-dir D --results-dir R --loops 2 --params train.epochs=1
}

run_fails 3 "$STOKER_BIN" reports reportgen --results-dir R
has err 'E401.*R: does not exist' 'a results folder looks like this' 'training_20250601_100000_metadata.json'

model unet3d h100 14 dataset.record_length_bytes=65536 dataset.record_length_bytes_stdev=0
model dlrm b200 2 dataset.num_samples_per_file=12288

# --- reportgen
run_ok "$STOKER_BIN" reports reportgen --results-dir R --output-dir report
has err 'INFO: 4 runs found: training; 2 data sets and sizes$' 'RESULT: wrote report/results.json$' 'RESULT: wrote report/workload_results.csv$'
has out '^Runs: 4$' '^  INVALID: 4$' '^Sizes and data sets: nothing to judge$' '^  - training_datagen_dlrm_[0-9_]+$' '^\[INVALID\] training_run_unet3d_[0-9_]+$' '^\[INVALID\] training_run_dlrm_[0-9_]+$'
# Two runs where five are asked for, and the data sets are too small; each workload is a group of its own.
has out '^\[INVALID\] training submission: unet3d on h100$' '^\[INVALID\] training submission: dlrm on b200$' '^    Runs: 2$' \
  'dataset.num_files_train' 'train_au_mean_percentage: [0-9.]+%'
lacks out $'\033' 'Processing errors' 'NaN|nan\b'
times 6 '"run_id": "training_(run|datagen)_' report/results.json
equal "$(wc -l <report/results.csv)" 7
equal "$(wc -l <report/workload_results.csv)" 3
lacks report/results.csv $'\r'
has report/workload_results.csv '^Submitter,System Name,Model,Accelerator,Division,number_of_nodes,# Simulated Accelerators,num_runs,run_ids,' \
  '^,,dlrm,b200,,1,1,2,training_run_dlrm_' '^,,unet3d,h100,,1,1,2,training_run_unet3d_'
absent R/results.json
# Without --output-dir the files go into the results folder, and do not disturb the next report.
run_ok "$STOKER_BIN" reports reportgen --results-dir R --no-print
[[ ! -s $work/out ]] || fail "--no-print printed"
exists R/results.json R/results.csv R/workload_results.csv
run_ok "$STOKER_BIN" reports reportgen --results-dir R
has out '^Runs: 4$'

run_fails 2 "$STOKER_BIN" reports reportgen --results-dir R --output-dir R/results.json --no-print
has err 'E102.*results.json: is a file, expected a folder' '--output-dir'

# Links are followed, and nothing counts twice: the count is the report's.
mkdir L
ln -s ../R/training L/training
ln -s ../R/training R/again
run_ok "$STOKER_BIN" reports reportgen --results-dir L --output-dir report
has err 'INFO: 4 runs found: training; 2 data sets and sizes$'
has out '^Runs: 4$'
run_ok "$STOKER_BIN" reports reportgen --results-dir R --output-dir report
has err 'R/again: is a link to a folder that is read by another name' 'INFO: 4 runs found: training; 2'
rm -r L R/again

# A plan is no run that failed.
run_ok "$STOKER_BIN" training run --model dlrm --num-accelerators 1 --accelerator-type b200 --client-host-memory-in-gb 1 \
  --data-dir D --results-dir P --what-if
plan=$(one_of P/training/dlrm/run/*)
has "$(one_of "$plan"/*_metadata.json)" '"num_files_train": 2,' '"num_samples_per_file": 12288'
run_ok "$STOKER_BIN" reports reportgen --results-dir P
has out '^Runs: 0$' '^Plans \(--what-if\)' "^  - .*$plan$"
rm -r P

# One run that was cut off: it is listed, and the others are reported as before.
first=$(ls -d R/training/dlrm/run/* | head -1)
cp "$first/summary.json" kept
head -c 100 kept >"$first/summary.json"
run_ok "$STOKER_BIN" reports reportgen --results-dir R
has out '^Runs: 3$' '^Processing errors$' 'summary.json: parse error' '^    copy it again from where it was written'
has err 'INFO: 3 runs found: training; 2 data sets and sizes; 1 that cannot be read$'
cp kept "$first/summary.json"

# --- a package
system=P/closed/Acme/results/sys-a
mkdir -p P/closed/Acme/code P/closed/Acme/systems "$system"
echo unchanged >P/closed/Acme/code/README
cp -r R/training "$system/training"
run_ok "$STOKER_BIN" system init --name sys-a --hosts-from "$first" --output P/closed/Acme/systems/sys-a.yaml
has P/closed/Acme/systems/sys-a.yaml '^  name: sys-a|^  name: "sys-a"' 'cpu_model: .*[A-Za-z]' '# FILL IN: '
blanks=$(grep -c 'FILL IN: ' P/closed/Acme/systems/sys-a.yaml)
run_fails 2 "$STOKER_BIN" system init --output P/closed/Acme/systems/sys-a.yaml
has err 'exists' '--force'

run_fails 1 "$STOKER_BIN" reports validate P
has err 'E303.*the package is INVALID'
times "$blanks" 'is not filled in \(package.system\)' out
has out 'sys-a.pdf: is missing' 'run/results.json: is missing' 'stoker reports reportgen' '^The package is INVALID.$' \
  'Workloads: 0 CLOSED, 0 OPEN, 2 INVALID' 'Runs: 0 CLOSED, 0 OPEN, 4 INVALID'
# The runs have all the files that a package needs, as they are.
lacks out 'package.files'

# The place of a run is no place for its data set, and what the files of a run say of each other must agree.
mv "$system/training/dlrm/run" kept-runs
cp -r "$system/training/dlrm/datagen" "$system/training/dlrm/run"
run_fails 1 "$STOKER_BIN" reports validate P
has out "is of the command 'datagen' and no run \(package.layout\)"
rm -r "$system/training/dlrm/run"
mv kept-runs "$system/training/dlrm/run"
cheat=$(ls -d "$system"/training/dlrm/run/* | head -1)
cp "$cheat/summary.json" kept
sed -i 's/"num_files_train": 2/"num_files_train": 1/' "$cheat/summary.json"
echo '- ++workload.reader.batch_size=1' >>"$cheat/dlio_config/overrides.yaml"
run_fails 1 "$STOKER_BIN" reports validate P
times 2 'package.contradiction' out
has out 'dataset.num_files_train is judged as 2, summary.json says 1' 'overrides.yaml sets reader.batch_size=1, which the metadata do not have'
cp kept "$cheat/summary.json"
sed -i '$d' "$cheat/dlio_config/overrides.yaml"

# Every blank filled in, the files added: what is left is what the rules say of runs that are too small.
sed -i -E '
  s/(storage_location:).*/\1 remote/; s/(client_software:).*/\1 in-box/; s/(storage_interface:).*/\1 file/
  s/(_support:) .*FILL IN.*/\1 true/; s/(environment_variables|sysctl_parameters):.*/\1: {}/
  s/(num_passive_psus:).*/\1 0/; s/# FILL IN.*/1/' P/closed/Acme/systems/sys-a.yaml
printf '%%PDF-1.4\n%%%%EOF\n' >P/closed/Acme/systems/sys-a.pdf
for model in unet3d dlrm; do
  run_ok "$STOKER_BIN" reports reportgen --results-dir R --output-dir "$system/training/$model/run" --no-print
done
run_fails 1 "$STOKER_BIN" reports validate P --output-dir V
lacks out 'package\.'
has out 'Package: 0 INVALID, 0 warnings'
has V/workload_results.csv 'System.storage_location' '^Acme,sys-a,unet3d,h100,closed,1,1,2,'
run_fails 1 "$STOKER_BIN" reports validate P --models dlrm --runs-only
has out 'Runs: 0 CLOSED, 0 OPEN, 2 INVALID'
run_fails 2 "$STOKER_BIN" reports validate P --submitters Acne
has err "did you mean 'Acme'"
run_fails 3 "$STOKER_BIN" reports validate nowhere
