# reader.odirect reads past the page cache, or says that the file system cannot.
. "$(dirname "$0")/common.inc.sh"

generate_small
run train_small ++workload.reader.odirect=True --ranks 2
if [[ $rc == 0 ]]; then
  check_results run 2
  has run/summary.json '"odirect": true'
  has out 'O_DIRECT|direct'
  rm -rf run
  run_ok train_small ++workload.storage.storage_type=direct_fs
  has run/summary.json '"odirect": true'
else
  equal "$rc" 6
  has err 'does not support O_DIRECT' 'hint: '
  has run/summary.json '"status": "failed"'
fi
