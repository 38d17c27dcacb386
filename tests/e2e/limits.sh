# Limits are errors: each limit is raised from its smallest value until the run goes through. Below that there is one error, never an
# abort, a crash or a hang.
. "$(dirname "$0")/common.inc.sh"
. "$(dirname "$0")/groups.inc.sh"
command -v prlimit >/dev/null || skip "there is no 'prlimit'"
generate_small
chmod 755 "$work"
# Numbers of processes are not limited for root, so that those runs are somebody's who has no others.
user=()
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
  user=(setpriv --reuid=64999 --regid=64999 --clear-groups)
  chmod -R a+rwX "$work"
fi
engine=("$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data
  ++workload.workflow.generate_data=False ++workload.reader.read_threads=3 --ranks 2)
front=("$STOKER_BIN" training run --model unet3d --accelerator-type h100 --num-accelerators 2 --client-host-memory-in-gb 8
  --data-dir D --results-dir R --skip-validation --allow-invalid-params --params reader.batch_size=1 train.epochs=1
  train.computation_time=0 dataset.num_files_train=4 reader.read_threads=3)
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R0 --dataset-format parquet \
  --params dataset.num_files_train=4 dataset.record_length_bytes=4096 dataset.record_length_bytes_stdev=0
chmod -R a+rwX D

# What tells the error: the front end's has a number, after the engine's own.
one_error='^stoker: error: '
# under OPTION VALUE COMMAND...: of prlimit, or `pids` of a control group, which binds root, too.
under() {
  local option=$1 value=$2
  shift 2
  if [[ $option == pids ]]; then
    echo "$value" >"$group/$limit"
    timeout --kill-after=5 60 ./in_group "$@"
  else
    "${user[@]}" timeout --kill-after=5 60 prlimit "--$option=$value" "$@"
  fi
}
# raise NAME OPTION LAST STEP FIRST COMMAND...: one command under --OPTION=FIRST, FIRST+STEP, ... until it goes through, by LAST.
raise() {
  local name=$1 option=$2 last=$3 step=$4 value=$5 failed=0
  shift 5
  while true; do
    rm -rf run R
    mkdir -m 777 run R
    run under "$option" "$value" "$@"
    [[ $rc != 0 ]] || break
    failed=$((failed + 1))
    case $rc in
      2 | 3 | 4 | 6) times 1 "$one_error" err ;;
      # The system's own loader, or it cannot even start the program.
      1 | 126 | 127) has err 'error while loading shared libraries|failed to execute|Cannot allocate|Resource temporarily' ;;
      *) fail "$name: exit code $rc at $option=$value" ;;
    esac
    lacks err 'terminate called' 'internal error|E901' 'Assertion'
    ((value < last)) || fail "$name: still not through at $option=$value"
    value=$((value + step))
  done
  echo "$name: goes through at $option=$value, after $failed errors"
  eval "failed_$option=$failed"
}

if [[ ${#user[@]} != 0 ]]; then
  raise 'threads, engine' nproc 40 1 1 "${engine[@]}"
  ((failed_nproc >= 4)) || fail 'hardly any thread was needed'
  one_error='^stoker: error: \[E' raise 'threads, front end' nproc 60 1 1 "${front[@]}"
fi
if make_group pids pids.max pids.max; then
  raise 'processes of the group, engine' pids 40 1 1 "${engine[@]}"
  ((failed_pids >= 4)) || fail 'hardly any thread was needed'
  one_error='^stoker: error: \[E' raise 'processes of the group, front end' pids 60 1 1 "${front[@]}"
else
  echo 'no control group of processes can be made here: not tried'
fi
raise 'descriptors, engine' nofile 100 1 3 "${engine[@]}"
((failed_nofile >= 2)) || fail 'hardly any descriptor was needed'
one_error='^stoker: error: \[E' raise 'descriptors, front end' nofile 100 1 3 "${front[@]}"
raise 'address space, engine' as 4000000000 25000000 50000000 "${engine[@]}"
one_error='^stoker: error: \[E' raise 'address space, front end' as 4000000000 50000000 50000000 "${front[@]}"
raise 'stack' stack 16777216 262144 262144 "${engine[@]}"
raise 'locked memory' memlock 1048576 262144 0 "${engine[@]}" ++workload.reader.odirect=True

# What the error says.
if [[ ${#user[@]} != 0 ]]; then
  run "${user[@]}" prlimit --nproc=3 "${engine[@]}"
  has err 'cannot start .*: Resource temporarily unavailable' 'hint: at most 3 processes and threads of this user are allowed \(ulimit -u\)'
fi

# Without /proc, /dev/shm and /sys, as in some containers.
if unshare -m true 2>/dev/null; then
  for missing in /proc /dev/shm '/proc /sys /dev/shm'; do
    without() {
      rm -rf run R
      run_ok unshare -m bash -c 'set -e; mount --make-rprivate /; for folder in '"$missing"'; do mount -t tmpfs none $folder; done; "$@"' sh "$@"
    }
    without "${engine[@]}"
    without "${front[@]}"
  done
fi
