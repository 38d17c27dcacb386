# --config-file: options from a YAML map, over which the command line wins however it names them.
. "$(dirname "$0")/common.inc.sh"
view() { "$STOKER_BIN" training configview --config-file site.yaml "$@"; }
option() { has out "^$1 +$2 +$3\$"; }

cat >site.yaml <<'YAML'
model: unet3d
accelerator_type: h100
data_dir: /from/file
hosts: alpha, beta
oversubscribe: true
mpi_params: null
num_processes: 3
params:
  reader.read_threads: 3
  reader: {odirect: true}
shoe_size: 44
YAML
# Even required options may come from the file.
run_ok view
option model unet3d 'config file'
option hosts 'alpha beta' 'config file'
option oversubscribe true 'config file'
option params 'reader.read_threads=3 reader.odirect=true' 'config file'
option num_accelerators 1 default
has out '^reader.read_threads +3 +override ' '^reader.odirect +True +override ' '^dataset.data_folder +/from/file/unet3d '
times 1 "WARNING: site.yaml: unknown option 'shoe_size' is skipped" err
lacks err num_processes

# The command line wins: whole names, prefixes, other names, short ones. params of both are merged.
run_ok view --accelerator-type a100 --data-d /typed --param reader.read_threads=5 -s gamma
option accelerator_type a100 'command line'
option data_dir /typed 'command line'
option hosts gamma 'command line'
option params 'reader.read_threads=3 reader.odirect=true reader.read_threads=5' 'config file and command line'
has out '^reader.read_threads +5 ' '^reader.odirect +True '
run_ok view -dd /typed -m unet3d -p reader.read_threads=5 -g a100
option data_dir /typed 'command line'
option accelerator_type a100 'command line'
run_ok view --verbose
has err "VERBOSE: site.yaml: 'num_processes' is no option of this command"

# A data set is written and trained on with one file for both.
cat >site.yaml <<'YAML'
model: unet3d
data-dir: D
results_dir: R
dataset_format: parquet
num_processes: 1
num_accelerators: 1
accelerator_type: h100
client_host_memory_in_gb: 4
YAML
run_ok "$STOKER_BIN" training datagen -c site.yaml --params dataset.num_files_train=7 dataset.record_length_bytes=100 \
  dataset.record_length_bytes_stdev=0
run_ok "$STOKER_BIN" training run -csite.yaml --params reader.batch_size=1 train.epochs=1 train.computation_time=0
check_metric_block out

# What is chosen among words counts as if it was typed, and a text among params is one setting.
printf 'exec_type: mpi\nallow_run_as_root: true\nparams: reader.read_threads=2\n' >>site.yaml
run_ok "$STOKER_BIN" training run -c site.yaml --skip-validation --what-if
has err 'command: .* -n 1 -host 127.0.0.1:1 .* workload=unet3d_h100 .*\+\+workload.reader.read_threads=2 .*--ranks=1$'
run_ok "$STOKER_BIN" training run -c site.yaml --exec-type local --skip-validation --what-if
has err 'command: .* --ranks=1$'

run_fails 2 "$STOKER_BIN" training run --config-file none.yaml
times 1 '^stoker: error: \[E103\] --config-file: none.yaml: ' err
echo 'model: [unet3d' >site.yaml
run_fails 2 view
times 1 '^stoker: error: \[E104\] ' err
has err 'site.yaml:[0-9]+:[0-9]+'
printf 'model: unet3d\noversubscribe: 7\n' >site.yaml
run_fails 2 view
has err '\[E102\] oversubscribe: found 7, expected true or false' 'site.yaml:2:16'
: >site.yaml
run_ok view --model unet3d
has err 'WARNING: site.yaml: the file sets no option'

# A value of the file that its option cannot have is shown with its place, whoever finds it.
printf 'model: unet3d\nloops: x\n' >place.yaml
run_fails 2 "$STOKER_BIN" training datasize -c place.yaml -g h100 -ma 1 -cm 8
has err "--loops: found 'x'" '--> place.yaml:2:8'
printf 'accelerator_type: h100\nmodel: nope\n' >place.yaml
run_fails 2 "$STOKER_BIN" training datasize -c place.yaml -ma 1 -cm 8
has err 'nope' '--> place.yaml:2:8'
run_fails 2 "$STOKER_BIN" training datasize -c place.yaml -ma 1 -cm 8 --model other
lacks err 'place.yaml'
