# configview shows each option and each setting with where its value comes from, and runs nothing.
. "$(dirname "$0")/common.inc.sh"
run_ok "$STOKER_BIN" training configview --model dlrm --accelerator-type b200
has out '^# options$' '^model +dlrm +command line$' '^num_accelerators +1 +default$' '^hosts +127\.0\.0\.1 +default$' \
  '^exec_type +auto +default$' '^# workload dlrm_b200 \(embedded:dlrm_b200\)$' '^train.computation_time +0.000375 +dlrm_b200.yaml:[0-9]+:[0-9]+$' \
  '^reader.prefetch_size +[0-9]+ +[a-z]'
run_ok "$STOKER_BIN" training configview --model unet3d --accelerator-type h100 --num-accelerators 8 --hosts alpha:4 beta:4 \
  --exec-type mpi --oversubscribe --data-dir D --params reader.read_threads=2
has out '^hosts +alpha:4 beta:4 +command line$' '^exec_type +mpi +command line$' '^oversubscribe +true +command line$' \
  '^num_accelerators +8 +command line$' "^reader.read_threads +2 +override \+\+workload.reader.read_threads=2$" \
  '^dataset.data_folder +D/unet3d +override '
absent D mlperf_storage_results
# Without an accelerator it is the workload that datagen uses.
run_ok "$STOKER_BIN" training configview --model unet3d
has out '^accelerator_type +- +default$' '^# workload unet3d_datagen '
run_fails 2 "$STOKER_BIN" training configview --model unet3d --accelerator-type b200
has err "unet3d has no workload for 'b200'"

# What it has no use for is said.
run_ok "$STOKER_BIN" training configview --model flux --loops 3 --quiet --what-if
has err '--loops has no effect on training configview' '--quiet has no effect' '--what-if has no effect'

# A format that there is not is refused with those that there are.
run_fails 5 "$STOKER_BIN" training configview --model flux --params dataset.format=nope
has err 'expected one of .*tfrecord.*parquet'
