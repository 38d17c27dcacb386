# Two hosts on one machine: network namespaces with a cable between them, each with a host name and a /tmp of its own, and a CPU
# and memory of its own where a test says so. Open MPI logs in from the first to the second with a script instead of ssh.
#
# Needs root, iproute2 and util-linux; where that is not given the test is skipped.
needs_mpi
[[ $(id -u) == 0 ]] || skip 'only root makes network namespaces'
for tool in ip unshare nsenter; do command -v $tool >/dev/null || skip "there is no '$tool'"; done
[[ $("$STOKER_MPIRUN" --version 2>&1) =~ 'Open MPI'|OpenRTE ]] || skip 'the launcher is not Open MPI'
unshare --uts --mount true 2>/dev/null || skip 'host names and mounts cannot be made here'

ns_a=stoker-a-$$
ns_b=stoker-b-$$
ip_a=10.91.7.1
ip_b=10.91.7.2

processes() { ip netns pids "$1" 2>/dev/null || true; }
nobody() { [[ -z $(processes "$1") ]]; }

hosts_down() {
  local ns pid
  for ns in "$ns_a" "$ns_b"; do
    for pid in $(processes "$ns"); do kill -KILL "$pid" 2>/dev/null || true; done
    ip netns del "$ns" 2>/dev/null || true
  done
}
ip netns add "$ns_a" 2>/dev/null || skip 'network namespaces cannot be made here'
at_end+=(hosts_down)
ip netns add "$ns_b"
ip link add va netns "$ns_a" type veth peer name vb netns "$ns_b"
ip -n "$ns_a" addr add $ip_a/24 dev va
ip -n "$ns_b" addr add $ip_b/24 dev vb
for ns in "$ns_a" "$ns_b"; do ip -n "$ns" link set lo up; done
ip -n "$ns_a" link set va up
ip -n "$ns_b" link set vb up

# on_host NAMESPACE NAME COMMAND...: as a script, because it is started by mpirun, too. The working folder is what both share.
cat >on_host <<'END'
#!/bin/bash
set -e
ns=$1 name=$2
shift 2
here=$(dirname "$0")
exec ip netns exec "$ns" unshare --uts --mount bash -c '
  set -e
  here=$1 name=$2
  shift 2
  hostname "$name"
  if [[ $here == /tmp/* ]]; then
    private=$here/tmp-of-$name
    mkdir -p "$private"
    mount -t tmpfs none "$private"
    mkdir -p "$private/${here#/tmp/}"
    mount --bind "$here" "$private/${here#/tmp/}"
    mount --rbind "$private" /tmp
  fi
  for file in cpuinfo meminfo; do
    if [[ -f $here/$file-of-$name ]]; then mount --bind "$here/$file-of-$name" /proc/$file; fi
  done
  cd "$here"
  exec "$@"' _ "$here" "$name" "$@"
END
# As mpirun calls it: agent HOST COMMAND, with the command as words of a shell line.
cat >agent <<END
#!/bin/bash
host=\$1
shift
case \$host in
  $ip_a) exec "$work/on_host" $ns_a hosta sh -c "\$*" ;;
  $ip_b) exec "$work/on_host" $ns_b hostb sh -c "\$*" ;;
  *.8) exec sleep 1000 ;;
esac
echo "agent: connect to host \$host: No route to host" >&2
exit 255
END
chmod +x on_host agent
export OMPI_MCA_plm_rsh_agent=$work/agent OMPI_MCA_btl_tcp_if_include=10.91.7.0/24 OMPI_MCA_oob_tcp_if_include=10.91.7.0/24

# The front end runs on the first host.
on_a=("$work/on_host" "$ns_a" hosta "$STOKER_BIN")
launch=(--exec-type mpi --allow-run-as-root)
sizes=(dataset.record_length_bytes=65536 dataset.record_length_bytes_stdev=0)

generate_on() {
  run_ok "${on_a[@]}" training datagen --model unet3d "${launch[@]}" --data-dir D --results-dir R --dataset-format parquet "$@"
}
# A run of two ranks on each host; overrides follow.
training_run=("${on_a[@]}" training run --model unet3d --accelerator-type h100 --client-host-memory-in-gb 64 "${launch[@]}"
  --data-dir D --results-dir R)
metadata_of_run() { one_of "$(one_of R/training/unet3d/run/*)"/*_metadata.json; }
