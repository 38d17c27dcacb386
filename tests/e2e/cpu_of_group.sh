# A limit on CPUs is not slow storage: it is read, told, and named by the verdict.
. "$(dirname "$0")/common.inc.sh"
. "$(dirname "$0")/groups.inc.sh"
make_group cpu cpu.max cpu.cfs_quota_us || skip 'no control group of CPUs can be made here'
generate_small
echo 5000 >"$group/$limit"  # of each 100 ms; version 2 leaves the period as it is
run_ok ./in_group "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False ++workload.train.epochs=8 \
  ++workload.train.computation_time=0.0001 ++workload.reader.read_threads=null ++workload.metric.au=0.95
has out '^client .*, held back by a limit on CPUs for ' '^verdict .*client-bound: a limit on CPUs .* held threads back for '
python3 - <<'END'
import json
summary = json.load(open("run/summary.json"))
assert summary["client"]["cpus"] == 0.05, summary["client"]
assert summary["client"]["throttled_seconds"] > 0
assert summary["client"]["read_threads"] == 1
END
