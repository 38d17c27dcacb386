# A storage that answers with less than was asked for is asked again; the run is the same.
. "$(dirname "$0")/common.inc.sh"
for codec in none snappy; do
  rm -rf data
  generate_small ++workload.dataset.compression=$codec
  for depth in arrays arrow decompress none; do
    rm -rf run
    run_ok train_small ++workload.dataset.parquet.decode=$depth
    useful=$(json_value run/summary.json train_useful_bytes)
    requests=$(json_value run/summary.json read_requests)
    rm -rf run
    LD_PRELOAD=$STOKER_FAULT_SHIM STOKER_FAULT_PATH=data/train STOKER_FAULT_SHORT=13 run_ok train_small \
      ++workload.dataset.parquet.decode=$depth --ranks 2
    check_results run 2
    equal "$(json_value run/summary.json train_useful_bytes)" "$useful" "useful bytes, $codec, $depth"
    # The shim was at work.
    [[ $(json_value run/summary.json read_requests) -gt $((requests * 3)) ]] || fail "no more requests than without short reads"
  done
done
