# dlio.log: lines of the whole run are there once, those of single ranks only where they are asked for; the folder of results may
# come from the environment or from a file.
. "$(dirname "$0")/common.inc.sh"
generate_small

# steps LEVEL RANK: how many steps of that rank were told on the terminal.
steps() {
  rm -rf run
  DLIO_LOG_LEVEL=$1 run_ok train_small --ranks 2
  grep -cE "^\[INFO\] .* rank $2: epoch 1 step [0-9]+: loaded 4 samples" out || true
}
equal "$(steps info 0) $(steps info 1)" '20 20'
times 1 'epoch 1: starting' run/dlio.log
equal "$(steps warning 0) $(steps warning 1)" '0 0'
lacks run/dlio.log '\[INFO\]'
for line in '2 accelerators on 1 host' 'epoch 1: starting' 'epoch 1: 20 steps in' 'results saved in'; do times 1 "$line" run/dlio.log; done

# A later run begins the log anew.
run_ok train_small
times 1 'epoch 1: starting' run/dlio.log

# What the configuration says wins over the environment, and that over the file.
echo 'export DLIO_OUTPUT_FOLDER="from file"' >.env
run_ok train_small
exists 'from file/summary.json'
DLIO_OUTPUT_FOLDER=from-environment run_ok train_small
exists from-environment/summary.json
DLIO_OUTPUT_FOLDER=from-environment run_ok train_small ++workload.output.folder=configured
exists configured/summary.json
