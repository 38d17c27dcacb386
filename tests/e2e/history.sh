# Commands are kept with their quotes in the home folder, shown, and run again; a home that cannot be written to is a warning.
. "$(dirname "$0")/common.inc.sh"
history=$HOME/mlps_history

run_fails 2 "$STOKER_BIN" history show
has err 'stoker: error: \[E102\] history: there are no entries yet'
absent "$history"

# Neither help, nor what cannot be parsed, nor the engine.
run_ok "$STOKER_BIN" training run --help
run_ok "$STOKER_BIN" --version
run_fails 2 "$STOKER_BIN" training run --modl x
run_fails 1 "$STOKER_BIN" training
run_ok "$STOKER_BIN" dlio --list
absent "$history"

view() { "$STOKER_BIN" training configview --model unet3d --accelerator-type h100 "$@"; }
run_ok view --params 'dataset.file_prefix=a b' "model.name=\"it's\""
cp out first
run_fails 3 "$STOKER_BIN" training run --model unet3d -na 1 -g h100 -cm 4 --data-dir 'no where' --results-dir R
times 2 '^[12],[0-9]{8}_[0-9]{6},.*stoker training ' "$history"
has "$history" "^1,.*--params 'dataset.file_prefix=a b' 'model.name=\"it'\\\\''s\"'$" "^2,.* -na 1 .*--data-dir 'no where'"

run_ok "$STOKER_BIN" history show
times 2 '^[12] : [0-9]{8}_[0-9]{6} : .*stoker training ' out
run_ok "$STOKER_BIN" history show --limit 1
times 1 '^2 : ' out
times 0 '^1 : ' out
run_ok "$STOKER_BIN" history show --id 1
times 1 "^1: .*stoker training configview .*'dataset.file_prefix=a b'" out

run_ok "$STOKER_BIN" history rerun 1
cmp out first || fail 'the command that was run again gave something else'
# It is a command like any other; the ones of history are not.
times 3 . "$history"
times 2 'configview' "$history"
run_fails 3 "$STOKER_BIN" history rerun 2
has err "no data set at no where/unet3d"
run_fails 2 "$STOKER_BIN" history rerun 99
has err '\[E102\] history: there is no entry 99' 'hint: the last one is 4'
run_fails 2 "$STOKER_BIN" history show --id 99
run_fails 2 "$STOKER_BIN" history rerun many

# Lines of mlpstorage, which have lost their quotes, and a broken last line, which stays.
printf '%s\n' '7,20250111_143022,/usr/local/bin/mlpstorage training configview --model unet3d --accelerator-type h100 --param model.name=a"b' \
  >>"$history"
printf '8,2025' >>"$history"
run_fails 5 "$STOKER_BIN" history rerun 7
has err "running again: stoker training configview .*--param 'model.name=a\"b'" 'model.name: bad value: the closing " is missing'
run_ok view
times 1 '^8,2025$' "$history"
times 1 '^9,[0-9]{8}_[0-9]{6},.*configview' "$history"
run_ok "$STOKER_BIN" history show
times 7 '^[0-9]+ : ' out

# A home that is none.
HOME=$work/none run_ok view
has err 'WARNING: this command is not in the history: .*mlps_history: cannot open it'
HOME=$work/none run_fails 2 "$STOKER_BIN" history show

# The standard options stand here too.
run_ok "$STOKER_BIN" history show --results-dir x --stream-log-level ERROR
run_fails 2 "$STOKER_BIN" history rerun 1 --what-if
has err "--what-if: 'history rerun' runs no benchmark"
