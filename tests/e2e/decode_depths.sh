# The four decode depths read the same rows; only the deeper ones do more with them.
. "$(dirname "$0")/common.inc.sh"

for codec in none zstd; do
  rm -rf data
  generate_small ++workload.dataset.compression=$codec
  useful=
  for depth in arrays arrow decompress none; do
    rm -rf run
    run_ok train_small ++workload.dataset.parquet.decode=$depth --ranks 2
    check_results run 2
    has out "^ +parquet, decode $depth;"
    has run/summary.json "\"parquet_decode\": \"$depth\""
    bytes=$(json_value run/summary.json train_useful_bytes)
    case $depth in
      arrays | arrow) equal "$bytes" "${useful:=$bytes}" "useful bytes, $codec, $depth" ;;
    esac
    [[ $bytes -gt 0 ]] || fail "no useful bytes with $depth"
  done
  # The old spelling.
  rm -rf run
  run_ok train_small ++workload.storage.storage_options.decode=raw
  has run/summary.json '"parquet_decode": "none"'
  for mode in default row_group; do
    rm -rf run
    run_ok train_small ++workload.dataset.parquet.read_mode=$mode
    check_results run 1
    equal "$(json_value run/summary.json train_useful_bytes)" "$useful" "useful bytes, read_mode $mode"
  done
done
