# Which engine runs: stoker's own, whatever lies in PATH, or the one that --dlio-bin-path names. Its exit code is the command's,
# and sizes need none.
. "$(dirname "$0")/common.inc.sh"
mkdir -p in_path named "D d/unet3d"
printf '#!/bin/sh\necho in-path >>"%s"\nexit 11\n' "$work/ran" >in_path/dlio_benchmark
printf '#!/bin/sh\necho named >>"%s"\nexit ${NAMED_EXIT:-12}\n' "$work/ran" >named/dlio_benchmark
chmod +x in_path/dlio_benchmark named/dlio_benchmark
train() {
  rm -rf R ran
  PATH=$work/in_path:$PATH "$STOKER_BIN" training run --model unet3d --accelerator-type h100 --num-accelerators 1 --client-host-memory-in-gb 4 \
    --data-dir 'D d' --results-dir R "$@"
}

run_fails 12 train --dlio-bin-path named
equal "$(cat ran)" named
times 1 '^stoker: error: \[E201\] training run failed with exit code 12$' err
has out '^by the rules, after the run: INVALID' '\(run.finished\)'
# Good or bad, in which words ever: what left no results is no finished run, and no loop follows it.
NAMED_EXIT=0 run_fails 6 train --dlio-bin-path named/dlio_benchmark --loops 2
equal "$(wc -l <ran)" 1
has err 'E201\] training run ended with exit code 0, but left no summary'
has out '\(run.finished\)'
# Nor is a data set written by an engine that says so and wrote nothing.
NAMED_EXIT=0 run_fails 6 "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir new --results-dir R \
  --dlio-bin-path named
has err 'E201\] training datagen ended with exit code 0, but .*new/unet3d/train is empty'
NAMED_EXIT=0 run_fails 6 train --dlio-bin-path named/dlio_benchmark
run_ok "$STOKER_BIN" reports reportgen --results-dir R
has out 'no summary.json: the run did not end well' 'no run of this workload was completed'

# Its own, which finds no data there.
run_fails 3 train --dataset-format parquet
absent ran
has err 'found 0 files'
# A loop ends at the first failure.
run_fails 12 train --dlio-bin-path named --loops 3
equal "$(wc -l <ran)" 1

# Neither launcher nor engine nor anything else of PATH for a size.
PATH=/nowhere run_ok "$STOKER_BIN" training datasize --model unet3d --accelerator-type h100 --max-accelerators 4 --client-host-memory-in-gb 64 \
  --results-dir R
has out '^number of training files: 14000$'
PATH=/nowhere run_ok "$STOKER_BIN" checkpointing datasize --model llama3-1t --num-processes 1024 --client-host-memory-in-gb 64 \
  --checkpoint-folder C --results-dir R
# The size that the workload file comes to, and the one that is spoken of.
has out '^one checkpoint: 1542[0-9]\.[0-9]+ GB .*; the rules speak of 18 TB$'
