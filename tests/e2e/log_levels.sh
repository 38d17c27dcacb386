# The console's lines: their form, the levels, --verbose, --debug, MLPS_DEBUG; colours are for terminals only.
. "$(dirname "$0")/common.inc.sh"
generate() {
  "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet --what-if \
    --params dataset.num_files_train=2 "$@"
}
form='^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\|'

run_ok generate
[[ $(grep -Evc "$form(INFO|STATUS): " err) == 0 ]] || fail 'a line has another form'
has err "${form}INFO: command: " "${form}STATUS: Stage 1/4: "
lacks err VERBOSE DEBUG $'\x1b'
[[ ! -s out ]] || fail 'log lines went to stdout'

run_ok generate --stream-log-level warning
[[ ! -s err ]] || fail 'lines below WARNING'
run_ok generate --stream-log-level STATUS
has err 'STATUS: Stage'
lacks err INFO
run_ok generate --stream-log-level PLAID
has err 'VERBOSER: entry [0-9]+ of the history' 'DEBUG: options: \{'

# --verbose: a level more, and the metadata on stdout.
run_ok generate --verbose
has out '"benchmark_type": "training"' '"executed_command": '
has err 'INFO: command: '
lacks err VERBOSER

# --debug: the options, and where a line comes from.
run_ok generate --debug
has err "${form}DEBUG:training_run:[0-9]+: options: .*\"num_processes\":1" "${form}INFO:training_run:[0-9]+: command: "
[[ $(grep -Evc "$form[A-Z]+:[a-z_]+:[0-9]+: " err) == 0 ]] || fail 'a line without its place'
MLPS_DEBUG=true run_ok generate
has err 'DEBUG:training_run:'
MLPS_DEBUG=false run_ok generate
lacks err DEBUG
# A level that is named is meant.
run_ok generate --debug --stream-log-level INFO
has err 'INFO:training_run:'
lacks err DEBUG

# On a terminal: colours, unless NO_COLOR is set.
command -v script >/dev/null || exit 0
on_terminal() { script -qec "$*" /dev/null </dev/null >"$work/screen" 2>&1; }
typed="$STOKER_BIN training datagen --model unet3d --num-processes 0"
on_terminal "$typed" || true
grep -q $'\x1b\[1;31mstoker: error:\x1b\[0m \[E102\]' screen || fail "no colour: $(cat screen)"
NO_COLOR=1 on_terminal "$typed" || true
has screen '^stoker: error: \[E102\]'
