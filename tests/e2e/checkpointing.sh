# Sizes of checkpoints, the plan of a run and its verdict. Running it is refused by name.
. "$(dirname "$0")/common.inc.sh"
sizes() { "$STOKER_BIN" checkpointing datasize --results-dir R --checkpoint-folder C "$@"; }

run_ok sizes --model llama3-70b --num-processes 64 --client-host-memory-in-gb 64 --hosts a,b,c,d,e,f,g,h
times 64 '^rank [0-9]+: 14.24 GB' out
has out '^one checkpoint: 911.17 GB .* model 130.17 and optimizer 781.00; the rules speak of 912 GB$' \
  '^disk space for 10 checkpoints: 9111\.' '^free at C/llama3-70b: ' '^share of a host: 113.90 GB' '^caches need not be cleared'
has "$(one_of R/checkpointing/llama3-70b/*/checkpointing_*_metadata.json)" '"verification": "CLOSED"' '"bytes_by_rank"'

# A subset is the first ranks of the whole job; its reads would come from memory.
run_ok sizes --model llama3-1t -np 8 -cm 512 -ncw 5 -ncr 5
times 8 '^rank [0-7]: 17.22 GB' out
has out '^one checkpoint: 137.7. GB .*of the first 8 of 1024 ranks; the rules speak of 161 GB' '^disk space for 5 checkpoints: 688\.' \
  '^caches must be cleared .*--num-checkpoints-read 0'
has err 'by the rules, before the run: INVALID' '\(checkpointing.cache\)'

run_it() {
  "$STOKER_BIN" checkpointing run --results-dir R2 --checkpoint-folder C --client-host-memory-in-gb 4 --exec-type local "$@"
}
run_ok run_it --model llama3-405b --num-processes 8 --num-checkpoints-read 0 --what-if --closed
has err 'before the run: CLOSED' 'command: .*workload=llama3_405b .*checkpoint.num_checkpoints_read=0 .*checkpoint.num_checkpoints_write=10 .*checkpoint.checkpoint_folder=C/llama3-405b .*checkpoint.mode=subset .*model.parallelism.data=2'
lacks err 'neither --open'
has "$(one_of R2/checkpointing/llama3-405b/*/*_metadata.json)" '"verification": "CLOSED"' '"executed_command": ".*llama3_405b'
absent C

# Overrides of keys that options set: alone they win, beside an option they must agree with it.
five=(--params checkpoint.num_checkpoints_write=5)
run_ok sizes --model llama3-8b -np 8 -cm 64 "${five[@]}" checkpoint.num_checkpoints_read=0
has out '^disk space for 5 checkpoints: '
run_ok run_it --model llama3-8b -np 8 "${five[@]}" -ncr 0 --what-if --closed
has err 'command: .*checkpoint.num_checkpoints_write=5 .*checkpoint.num_checkpoints_read=0'
lacks err 'num_checkpoints_write=10'
run_fails 2 run_it --model llama3-8b -np 8 "${five[@]}" -ncr 0 -ncw 7 --what-if
has err '\[E105\] --num-checkpoints-write 7 and --params checkpoint.num_checkpoints_write=5 contradict each other'
run_ok sizes --model llama3-70b -np 8 -cm 64 --params checkpoint.mode=default
has out '^one checkpoint: 911\.'

# A workload file of one's own is not the benchmark's.
mkdir -p own/workload
sed 's/num_layers: 32/num_layers: 8/' "$(dirname "$0")/../../configs/workload/llama3_8b.yaml" >own/workload/llama3_8b.yaml
run_fails 1 run_it --model llama3-8b -np 8 -ncr 0 --what-if --closed --config-dir own
has err '\[INVALID\] model.num_layers of the workload file .*\(checkpointing.workload\)' 'expected 32, found 8'

# Nothing to write and nothing to read is no run.
run_fails 2 run_it --model llama3-8b -np 8 -ncw 0 -ncr 0 --what-if
has err '\[E105\] --num-checkpoints-write and --num-checkpoints-read are both 0' 'hint: leave one of them out'
run_fails 2 run_it --model llama3-8b -np 8 -ncw 0 --params checkpoint.num_checkpoints_read=0 --what-if
run_ok sizes --model llama3-8b -np 8 -cm 64 -ncw 0 -ncr 0
has err 'WARNING: .*no checkpoint is written or read'

# Options of the reference that have nothing to do yet; all that was given is recorded, and shown with --debug.
rm -rf R2
run_ok run_it --model llama3-8b -np 8 -ncr 0 --what-if --debug --dlio-bin-path /opt/dlio --skip-timeseries --timeseries-interval 2 \
  --max-timeseries-samples 9
for option in --dlio-bin-path --skip-timeseries --timeseries-interval --max-timeseries-samples; do
  has err "WARNING.* $option has no effect on checkpointing run: this version of stoker does not write or read checkpoints"
done
has err 'DEBUG.*options: .*"num_client_hosts":1,.*"num_checkpoints_read":0,"num_checkpoints_write":10'
has "$(one_of R2/checkpointing/llama3-8b/*/*_metadata.json)" '"num_client_hosts": 1' '"max_timeseries_samples": 9'
run_ok sizes --model llama3-8b -np 8 -cm 64 -dp /opt/dlio
has err 'WARNING: --dlio-bin-path has no effect on checkpointing datasize'
lacks err 'timeseries'

# OPEN and INVALID numbers of processes.
run_fails 1 run_it --model llama3-8b --num-processes 16 --num-checkpoints-read 0 --what-if --closed
has err '\(checkpointing.processes\)' 'error: \[E302\] --closed: the run would be OPEN' 'hint: use --open'
run_ok run_it --model llama3-8b --num-processes 16 --num-checkpoints-read 0 --what-if --open
run_fails 1 run_it --model llama3-8b --num-processes 12 --num-checkpoints-read 0 --what-if --open

# The processes of a host are those that its slots give it.
run_ok "$STOKER_BIN" checkpointing run --results-dir R2 --checkpoint-folder C --client-host-memory-in-gb 4 --model llama3-8b \
  --num-processes 8 --hosts a:7,b:1 --num-checkpoints-read 0 --what-if --skip-validation --allow-run-as-root
has err 'before the run: INVALID' '\(checkpointing.processes_per_host\)' 'found 8 on 2 hosts: 1 where they are fewest'

rm -rf R2
run_fails 6 run_it --model llama3-8b --num-processes 8
times 1 "^stoker: error: \[E902\] 'checkpointing run': .*not available in this version" err
run_fails 2 run_it --model llama3-9b --num-processes 8
has err "unknown model 'llama3-9b'; did you mean 'llama3-8b'"
run_fails 2 run_it --model llama3-8b --num-processes 8 --num-checkpoints-read -1
run_fails 2 "$STOKER_BIN" checkpointing run --model llama3-8b --num-processes 8
run_fails 1 "$STOKER_BIN" checkpointing
absent R2 C

# What stands in the way of a run is told together, before anything is written.
run_fails 3 "$STOKER_BIN" checkpointing run --results-dir no/R --checkpoint-folder none/C --client-host-memory-in-gb 4 --exec-type local \
  --model llama3-8b --num-processes 8 --num-checkpoints-read 0 --what-if
has err "--checkpoint-folder: " "--results-dir: "
absent no none
