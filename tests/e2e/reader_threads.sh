# Reading on the training thread, with the smallest and larger windows, in other request sizes: the same samples.
. "$(dirname "$0")/common.inc.sh"

generate_small
expected=
for option in read_threads=0 read_threads=1 read_threads=7 prefetch_size=0 prefetch_size=1 prefetch_size=64 transfer_size=512 \
  preprocess_time=0.0001 shuffle_size=1; do
  rm -rf run
  run_ok train_small ++workload.reader.$option --ranks 2
  check_results run 2
  has out 'epoch 1: 20 steps in'
  # As many threads as were asked for, also where it is one.
  [[ $option != read_threads=* ]] || equal "$(json_value run/summary.json read_threads)" "${option#*=}" "$option"
  bytes=$(json_value run/summary.json train_useful_bytes)
  equal "$bytes" "${expected:=$bytes}" "useful bytes with $option"
done

# 512 bytes at a time: many more requests than by default.
rm -rf run
run_ok train_small
plain=$(json_value run/summary.json read_requests)
rm -rf run
run_ok train_small ++workload.reader.transfer_size=64
small=$(json_value run/summary.json read_requests)
[[ $small -gt $((plain * 2)) ]] || fail "$small requests of 64 bytes, $plain by default"
