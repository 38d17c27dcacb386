# A writer that hangs in the kernel cannot be ended by anybody. The command returns all the same, and the writer ends with the hang,
# without another byte. A file system of its own, in a mount namespace, is frozen for that.
if [[ -z ${IN_NAMESPACE:-} ]] && unshare --mount true 2>/dev/null; then
  IN_NAMESPACE=1 exec unshare --mount --propagation private bash "$0"
fi
. "$(dirname "$0")/common.inc.sh"
[[ $(id -u) == 0 && -n ${IN_NAMESPACE:-} ]] || skip 'only root mounts and freezes file systems'
for tool in fsfreeze mkfs.ext4; do command -v $tool >/dev/null || skip "there is no '$tool'"; done
truncate -s 900M image
mkfs.ext4 -q image
mkdir disk
mount -o loop image disk 2>/dev/null || skip 'no loop device can be mounted here'
thaw() { fsfreeze -u disk 2>/dev/null; }
# Frozen for 20 seconds at most, whatever becomes of this script: nobody could thaw it from outside.
freeze() {
  setsid sh -c 'sleep 20; fsfreeze -u "$1" 2>/dev/null' sh "$work/disk" </dev/null >/dev/null 2>&1 &
  watchdog=$!
  fsfreeze -f disk
}
unmount() { umount -l "$work/disk"; }
at_end+=(thaw unmount)
fsfreeze -f disk 2>/dev/null && thaw || skip 'file systems cannot be frozen here'

# Processes that this test has started, by a mark in their environment.
survivors() { grep -lsz "^HANG_IN_KERNEL=$work\$" /proc/[0-9]*/environ || true; }
files() { find disk/D -type f -printf '%p %s\n' | sort; }
writes() { [[ $(find disk/D -name '*.parquet' 2>/dev/null | wc -l) -gt 1 ]]; }
# Compressed by one thread of each rank: long enough to be frozen on the way on any machine.
datagen=("$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir disk/D --results-dir R --dataset-format parquet
  --compression zstd --params reader.write_threads=1 dataset.num_files_train=600 dataset.record_length_bytes=1000000 dataset.record_length_bytes_stdev=0)

# hang SIGNAL [OPTION...]: interrupts datagen while its writes hang.
hang() {
  local signal=$1 code=0 began
  shift
  rm -rf disk/D R
  mkdir R
  HANG_IN_KERNEL=$work "${datagen[@]}" "$@" >out 2>err &
  job=$!
  wait_until writes
  freeze
  sleep 1
  began=$SECONDS
  kill "-$signal" "$job"
  wait "$job" || code=$?
  job=
  equal "$code" 130 "exit code after SIG$signal"
  ((SECONDS - began <= 6)) || fail "it took $((SECONDS - began)) s to end"
  # A launcher may give its ranks up by itself, and has then stopped.
  times 1 "ended at once by SIG$signal, since something did not stop|interrupted by SIG$signal" err
  thaw
  kill "$watchdog"
  sleep 1
  [[ -z $(survivors) ]] || fail "still there after the hang: $(survivors)"
  files >first
  sleep 1
  files >second
  cmp first second || fail 'something writes on'
  has disk/D/unet3d/stoker_dataset.json '"complete": false'
}

hang INT
hang TERM
if [[ -n ${STOKER_MPIRUN:-} ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  hang HUP --exec-type mpi
fi
# What was begun is finished.
run_ok "${datagen[@]}"
has out 'an earlier generation finished'
run_ok "$STOKER_BIN" data verify disk/D/unet3d --quiet
