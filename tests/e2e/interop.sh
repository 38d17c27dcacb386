# The Parquet data sets that DLIO itself wrote: listed, counted, read and evaluated, with the workload files that made them.
. "$(dirname "$0")/common.inc.sh"
samples=$STOKER_SOURCE_DIR/tests/data/interop
mkdir -p configs/workload

# sample NAME STEPS EVAL-STEPS
sample() {
  local name=$1 steps=$2 evals=$3 ranks depth
  cp "$samples/$name/workload.yaml" "configs/workload/$name.yaml"
  for ranks in 1 2; do
    for depth in arrays arrow decompress none; do
      rm -rf run
      run_ok "$STOKER_BIN" dlio --config-dir configs workload=$name ++workload.dataset.data_folder="$samples/$name/data" \
        ++hydra.run.dir=run ++workload.workflow.generate_data=False ++workload.workflow.train=True \
        ++workload.dataset.parquet.decode=$depth ++workload.train.computation_time=0 ++workload.evaluation.eval_time=0 --ranks $ranks
      check_results run $ranks
      # Without the commas between thousands.
      sed -E ':a; s/([0-9]),([0-9]{3})/\1\2/; ta' out >plain
      has plain "epoch 1: $((steps / ranks)) steps in" "epoch 1: evaluation, $((evals / ranks)) steps"
      has run/summary.json '"eval_au_percentage"'
      lacks err 'error|samples each'
    done
  done
  # In place, with the file's own relative data folder; nothing may be written there.
  rm -rf run
  run_ok bash -c 'cd "$1" && exec "$2" dlio --config-dir "$3" workload="$4" ++hydra.run.dir="$3/run" \
    ++workload.workflow.generate_data=False ++workload.workflow.train=True ++workload.workflow.evaluation=False' \
    _ "$samples/$name" "$STOKER_BIN" "$work/configs" $name
  check_results configs/run 1
  rm -rf configs/run
}
sample parquet_default 50 100
sample parquet_alltypes 100 200
sample parquet_dlrm 32 2048
