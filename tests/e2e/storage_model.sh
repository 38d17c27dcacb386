# A model of a slower storage: the run is as slow as it says, every output says what it is, and the rules call it INVALID.
. "$(dirname "$0")/common.inc.sh"
generate_small
run=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data
  ++workload.workflow.generate_data=False)
run_ok "${run[@]}" ++workload.storage.model.latency=100ms ++workload.reader.read_threads=1
has err 'WARNING.*storage.model: what is measured is a model \(latency 100.0 ms\), and no storage'
has out 'a model \(latency 100.0 ms\) over posix, buffered' '^latency +p50 1[0-9][0-9]\.[0-9] ms' '^warning +storage.model: what is measured is a model'
has run/summary.json '"storage": "a model \(latency 100.0 ms\) over posix, buffered"' 'storage.model: what is measured is a model'
run_fails 5 "${run[@]}" ++workload.storage.model.bandwidth=fast
has err "storage.model.bandwidth: found 'fast', expected bytes per second, at least 20kB, such as 200MB or 4GiB"
