# The stages of a run: a line each without a terminal, a bar that is gone at the end with one.
. "$(dirname "$0")/common.inc.sh"
typed=("$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet
  --params dataset.num_files_train=2 dataset.record_length_bytes=100 dataset.record_length_bytes_stdev=0)

run_ok "${typed[@]}"
equal "$(sed -n 's/.*|STATUS: //p' err | tr '\n' ';')" \
  'Stage 1/4: validating;Stage 2/4: collecting cluster information;Stage 3/4: running;Stage 4/4: processing results;'
lacks err '\.\.\.\.\.\.' $'\r'
run_ok "${typed[@]}" --quiet
lacks err 'Stage'
run_ok "${typed[@]}" --what-if
lacks err 'Stage [34]/4'

command -v script >/dev/null || exit 0
script -qec "${typed[*]}" /dev/null </dev/null >screen 2>&1 || fail "$(cat screen)"
lacks screen 'STATUS'
has screen '\[==== +\] 1/4 validating' '\[=+\] 4/4 processing results'
# Each bar is erased, the last one too.
tail -c 5 screen | grep -q $'\r\x1b\[2K' || fail "the bar is still there: $(tail -c 100 screen | cat -v)"
# The engine's lines begin where no bar stands.
lacks screen '/4 [a-z ]+\[OUTPUT\]'
