# A host that is lost in the middle of a run ends it on all hosts, promptly and with one error.
. "$(dirname "$0")/common.inc.sh"
. "$here/hosts.inc.sh"
generate_on --hosts $ip_a $ip_b --num-processes 2 --params dataset.num_files_train=8 "${sizes[@]}"
long_run=("${training_run[@]}" --hosts $ip_a:2 $ip_b:2 --num-accelerators 4 --timeseries-interval 0.2
  --params reader.batch_size=1 train.epochs=1 train.computation_time=300)
started() { grep -q 'epoch 1: starting' "$work/out"; }

# lost WHO COMMAND...: what befalls the second host once the run is on its way; the others end within 20 seconds.
lost() {
  rm -rf R/training/unet3d/run
  start "${long_run[@]}"
  wait_until started
  "$@"
  join
  [[ $rc != 0 ]] || fail "the run ended well: $*"
  times 1 'stoker: error: ' err
  has err 'stoker: error: \[E201\] training run failed with exit code [0-9]+'
  wait_until nobody "$ns_a"
  wait_until nobody "$ns_b"
  metadata=$(metadata_of_run)
  # Ranks whose daemon is killed hear of it, and may end together with the others: then all hosts are described.
  if [[ $1 == kill_daemon ]] && ! grep -q 'WARNING: the run did not end well enough' err; then
    has "$metadata" '"end": \{' '"num_hosts": 2'
    return
  fi
  has err 'WARNING: the run did not end well enough to describe its hosts a second time'
  has "$metadata" '"end": null' '"num_hosts": 2'
  lacks "$metadata" 'timeseries_data'
  absent "$(dirname "$metadata")"/*_hosts.json "$(dirname "$metadata")"/*_timeseries.json
}
pids_of() {
  local pid
  for pid in $(processes "$ns_b"); do
    if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$1" ]]; then echo "$pid"; fi
  done
}
kill_all() { for pid in $(processes "$ns_b"); do kill -KILL "$pid" 2>/dev/null || true; done; }
kill_daemon() { kill -KILL $(pids_of orted); }
kill_ranks() { kill -KILL $(pids_of stoker); }
pull_cable() { ip -n "$ns_b" link set vb down; }

lost kill_all
lacks err 'WARNING: after the run: '
lost kill_daemon
lost kill_ranks
# No goodbye: only silence says that the host is gone. The front end's settings find out within 40 seconds; the user's win.
export OMPI_MCA_oob_tcp_keepalive_time=3 OMPI_MCA_oob_tcp_keepalive_intvl=1 OMPI_MCA_oob_tcp_keepalive_probes=2
lost pull_cable
has err "WARNING: after the run: host $ip_b: (no answer|cannot be reached)"
