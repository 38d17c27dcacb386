# A read that fails names file, offset and cause; all ranks end.
. "$(dirname "$0")/common.inc.sh"
generate_small
export STOKER_FAULT_PATH=img_2_of_4.parquet

# The first read is the footer's, later ones are the data's.
for nth in 1 2 4; do
  for ranks in 1 4; do
    for depth in arrays arrow none; do
      rm -rf run
      LD_PRELOAD=$STOKER_FAULT_SHIM STOKER_FAULT_READ=$nth run train_small ++workload.dataset.parquet.decode=$depth --ranks $ranks
      equal "$rc" 6 "exit code, read $nth, $depth, $ranks ranks"
      times 1 '^stoker: error: ' err
      times 1 'data/train/img_2_of_4.parquet: .*at offset [0-9]+: Input/output error' err
      has run/summary.json '"status": "failed"' 'Input/output error'
    done
  done
done
