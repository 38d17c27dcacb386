# Shared by the scripts of this folder. Each script shows one behaviour of the built program, as a user sees it: it works in a
# folder of its own, which is gone afterwards, and looks at exit codes, output and files with plain tools.
#
# From CMake: STOKER_BIN (the program), STOKER_SOURCE_DIR, STOKER_MPIRUN (empty when built without MPI), STOKER_FAULT_SHIM.
set -euo pipefail
export LC_ALL=C
: "${STOKER_BIN:?the program to test}" "${STOKER_SOURCE_DIR:?the source tree}"
unset DLIO_LOG_LEVEL DLIO_OUTPUT_FOLDER DLIO_MAX_AUTO_THREADS MLPS_DEBUG

here=$STOKER_SOURCE_DIR/tests/e2e
work=$(mktemp -d "${TMPDIR:-/tmp}/stoker-e2e.XXXXXX")
rc=0
job=
at_end=()  # functions that finish calls

finish() {
  local code=$?
  # A job that a script put into the background, should the script fail before the job has ended.
  if [[ -n $job ]] && kill -0 "$job" 2>/dev/null; then
    kill -TERM "$job" 2>/dev/null || true
    sleep 1
    kill -KILL "$job" 2>/dev/null || true
  fi
  local hook
  for hook in "${at_end[@]}"; do "$hook" || true; done
  cd /
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
cd "$work"
# The history of commands is kept in the home folder: not in that of whoever runs the tests.
export HOME=$work/home
mkdir "$HOME"

fail() {
  echo "FAILED (${BASH_SOURCE[-1]##*/}:${BASH_LINENO[-2]}): $*" >&2
  for text in out err; do
    if [[ -s $work/$text ]]; then
      echo "--- the last command's std$text:" >&2
      tail -n 40 "$work/$text" >&2
    fi
  done
  exit 1
}

# A reason not to run, which CTest reports as a skipped test.
skip() {
  echo "skipped: $*"
  exit 77
}

# Runs a command with its output in out and err, and its exit code in rc.
run() {
  rc=0
  "$@" >"$work/out" 2>"$work/err" || rc=$?
}

run_ok() {
  run "$@"
  [[ $rc == 0 ]] || fail "exit code $rc, expected 0, of: $*"
}

# run_fails CODE COMMAND...
run_fails() {
  local expected=$1
  shift
  run "$@"
  [[ $rc == "$expected" ]] || fail "exit code $rc, expected $expected, of: $*"
}

# has FILE REGEX...: every expression is somewhere in the file.
has() {
  local file=$1
  shift
  [[ -f $file ]] || fail "no file $file"
  local pattern
  for pattern in "$@"; do
    grep -Eq -e "$pattern" "$file" || fail "no '$pattern' in $file: $(head -c 600 "$file")"
  done
}

lacks() {
  local file=$1
  shift
  [[ -f $file ]] || fail "no file $file"
  local pattern
  for pattern in "$@"; do
    if grep -Eq -e "$pattern" "$file"; then fail "'$pattern' in $file: $(grep -E -m 3 -e "$pattern" "$file")"; fi
  done
}

# times COUNT REGEX FILE: exactly that many lines match.
times() {
  local found
  found=$(grep -Ec -e "$2" "$3" || true)
  [[ $found == "$1" ]] || fail "$found lines with '$2' in $3, expected $1"
}

exists() {
  local path
  for path in "$@"; do [[ -e $path ]] || fail "no $path; there is: $(ls -A "$(dirname "$path")" 2>&1)"; done
}

absent() {
  local path
  for path in "$@"; do [[ ! -e $path ]] || fail "$path is there: $(ls -lA "$path")"; done
}

# Number of files below a folder, all or those of a name.
count_files() { find "$1" -type f -name "${2:-*}" 2>/dev/null | wc -l; }

equal() { [[ $1 == "$2" ]] || fail "found '$1', expected '$2'${3:+ ($3)}"; }

# one_of DIRECTORY/*: the single entry that the pattern stands for.
one_of() {
  [[ $# == 1 && -e $1 ]] || fail "expected one entry, found: $*"
  echo "$1"
}

# The value of a number or text in a JSON file that has the key once.
json_value() {
  local line
  line=$(grep -m 1 -E "\"$2\":" "$1") || fail "no \"$2\" in $1"
  line=${line#*: }
  line=${line%,}
  line=${line%\"}
  echo "${line#\"}"
}

# The workload `small` of this folder, in data and run below the working folder. Later overrides win.
small() {
  "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run ++workload.dataset.data_folder=data "$@"
}

# In the place of what an earlier call may have written.
generate_small() {
  run_ok small ++workload.workflow.train=False ++workload.dataset.overwrite=True "$@"
  rm -rf run
}

train_small() { small ++workload.workflow.generate_data=False "$@"; }

# Root, as in containers, and more ranks than cores, as on small machines.
mpi() {
  local ranks=$1
  shift
  "$STOKER_MPIRUN" --allow-run-as-root --oversubscribe -np "$ranks" "$@"
}

needs_mpi() {
  [[ -n ${STOKER_MPIRUN:-} ]] || skip "this build has no MPI"
  export MPI_RUN_BIN=$STOKER_MPIRUN
}

mpi_small() {
  local ranks=$1
  shift
  mpi "$ranks" "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
    ++workload.dataset.data_folder=data "$@"
}

# A run that ended well: all the files of an accelerator's run, and a summary that says so.
check_results() {
  local folder=$1 ranks=$2 rank
  exists "$folder/summary.json" "$folder/dlio.log" "$folder/per_epoch_stats.json"
  for ((rank = 0; rank < ranks; ++rank)); do
    has "$folder/${rank}_output.json" '"load"' '"proc"' '"compute"' '"throughput"' '"au"' '"block1"' '"hostname"' '"host_memory_GB"'
    has "$folder/${rank}_per_epoch_stats.json" '"block1"' '"start"' '"end"' '"duration"'
  done
  absent "$folder/${ranks}_output.json"
  has "$folder/summary.json" '"status": "success"' "\"num_accelerators\": $ranks,"
}

# Starts a command in the background, as a shell with a terminal would: bash makes background jobs ignore SIGINT.
start() {
  # Emptied here and not by the job, whose first moment may come after the first look at its output.
  : >"$work/out" 2>"$work/err"
  env --default-signal=INT,TERM "$@" >>"$work/out" 2>>"$work/err" &
  job=$!
}

ended() { ! kill -0 "$job" 2>/dev/null; }

# Waits for the job, which must end by itself; its exit code is in rc.
join() {
  wait_until ended
  rc=0
  wait "$job" || rc=$?
  job=
}

# Waits until a command succeeds, for at most 20 seconds.
wait_until() {
  local i
  for ((i = 0; i < 400; ++i)); do
    if "$@"; then return; fi
    sleep 0.05
  done
  fail "waited in vain for: $*"
}

# The summary's keys that DLIO's users read.
check_summary_keys() {
  local key
  for key in start end num_accelerators num_hosts hostname num_files_train num_files_eval num_samples_per_file host_cpu_count \
    host_memory_GB host_processor_name host_cpuinfo host_meminfo data_size_per_host_GB potential_caching epochs metric \
    train_au_percentage train_au_mean_percentage train_au_meet_expectation train_au_stdev_percentage \
    train_throughput_samples_per_second train_throughput_mean_samples_per_second train_throughput_stdev_samples_per_second \
    train_io_mean_MB_per_second train_io_stdev_MB_per_second; do
    has "$1" "\"$key\":"
  done
  lacks "$1" '[:[ ](NaN|nan|inf|Infinity)'
}

check_metric_block() {
  local number='-?[0-9]+\.[0-9]{4}'
  times 2 '^\[METRIC\] =+$' "$1"
  has "$1" '^\[METRIC\] Number of Simulated Accelerators: [0-9]+ *$' \
    "^\[METRIC\] Training Accelerator Utilization \[AU\] \(%\): $number \($number\)$" \
    "^\[METRIC\] Training Throughput \(samples/second\): $number \($number\)$" \
    "^\[METRIC\] Training I/O Throughput \(MiB/second\): $number \($number\)$" \
    '^\[METRIC\] train_au_meet_expectation: (success|fail)$'
}
