# Under mpirun each process is one accelerator, for the program and for its link; rank 0 speaks for all.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
ln -s "$STOKER_BIN" dlio_benchmark

run_ok mpi 2 ./dlio_benchmark workload=small --config-dir="$here/configs" ++workload.dataset.data_folder=data \
  ++hydra.run.dir=results ++hydra.output_subdir=dlio_config
check_results results 2
check_summary_keys results/summary.json
check_metric_block out
times 1 'generated 4 files' results/dlio.log
times 1 'epoch 1: 20 steps in' out
exists results/dlio_config/{config,hydra,overrides}.yaml

# The default folder is one folder, though two processes start at their own times.
run_ok mpi 2 "$STOKER_BIN" dlio workload=small --config-dir "$here/configs" ++workload.dataset.data_folder=data \
  ++workload.workflow.generate_data=False
check_results "$(one_of hydra_log/small/*)" 2

# --ranks belongs to threads of one process.
run_ok mpi_small 2 ++workload.workflow.generate_data=False --ranks 3
times 1 '--ranks is ignored' err
check_results run 2
