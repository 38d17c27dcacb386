# What is available of memory is what the control group leaves, and it is said.
. "$(dirname "$0")/common.inc.sh"
. "$(dirname "$0")/groups.inc.sh"
mebibytes=200
make_group memory memory.max memory.limit_in_bytes || skip 'no control group of memory can be made here'
echo $((mebibytes << 20)) >"$group/$limit"
generate_small
run_ok ./in_group "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False
has out "memory for reading: .* on this host; [0-9.]+ MiB available \($group/$limit is $mebibytes.0 MiB\)"
rm -r run

run_fails 5 ./in_group "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False ++workload.reader.read_threads=256
has err "reading needs about .* on this host \(1 rank\), with only [0-9.]+ MiB available \($group/$limit is $mebibytes.0 MiB\)" \
  'hint: .*, or raise the limit of the control group'
