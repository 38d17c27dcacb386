# What is available of memory is what the control group leaves, and it is said.
. "$(dirname "$0")/common.inc.sh"
[[ $(id -u) == 0 ]] || skip 'only root makes control groups'
mebibytes=200
# Below the group that this process is in, so that its limits still hold.
group=
while IFS=: read -r id controllers path; do
  case $id:,$controllers, in
    0:,,) mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo) limit=memory.max ;;
    *,memory,*) mount=$(awk '/ - cgroup .*[ ,]memory(,|$)/ { print $5; exit }' /proc/self/mountinfo) limit=memory.limit_in_bytes ;;
    *) continue ;;
  esac
  [[ -n $mount && -w $mount$path ]] || continue
  candidate=$mount${path%/}/stoker-e2e-$$
  mkdir "$candidate" 2>/dev/null || continue
  if [[ -w $candidate/$limit ]]; then
    group=$candidate
    break
  fi
  rmdir "$candidate"
done </proc/self/cgroup
[[ -n $group ]] || skip 'no control group of memory can be made here'
remove_group() { rmdir "$group"; }
at_end+=(remove_group)
echo $((mebibytes << 20)) >"$group/$limit"

cat >in_group <<END
#!/bin/sh
echo \$\$ >"$group/cgroup.procs" || exit 9
exec "\$@"
END
chmod +x in_group
generate_small
run_ok ./in_group "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False
has out "memory for reading: .* on this host; [0-9.]+ MiB available \($group/$limit is $mebibytes.0 MiB\)"
rm -r run

run_fails 5 ./in_group "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.workflow.generate_data=False ++workload.reader.read_threads=256
has err "reading needs about .* on this host \(1 rank\), with only [0-9.]+ MiB available \($group/$limit is $mebibytes.0 MiB\)" \
  'hint: .*, or raise the limit of the control group'
