# A full disk is called one; no half file stays, neither under its final name nor under a temporary one.
. "$(dirname "$0")/common.inc.sh"
for ranks in 1 3; do
  for space in 0 1 5000 100000; do
    rm -rf data run
    LD_PRELOAD=$STOKER_FAULT_SHIM STOKER_FAULT_PATH=data/train STOKER_FAULT_SPACE=$space run small ++workload.workflow.train=False \
      ++workload.dataset.num_files_train=24 ++workload.dataset.num_samples_per_file=200 --ranks $ranks
    equal "$rc" 6 "exit code, space $space, $ranks ranks"
    times 1 '^stoker: error: ' err
    times 1 'data/train/img_[0-9]+_of_24.parquet.*No space left on device' err
    equal "$(count_files data '*.tmp')" 0 'temporary files'
    has data/stoker_dataset.json '"complete": false'
    has run/summary.json '"status": "failed"' 'No space left'
    # What has its final name is whole: magic bytes at both ends.
    while read -r file; do
      equal "$(head -c 4 "$file")$(tail -c 4 "$file")" PAR1PAR1 "$file"
    done < <(find data -name '*.parquet')
  done
done

