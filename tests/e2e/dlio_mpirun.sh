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

# Each process is one rank: --ranks can only say how many there are.
run_ok mpi_small 2 ++workload.workflow.generate_data=False --ranks 2
check_results run 2
rm -r run
run_fails 2 mpi_small 2 ++workload.workflow.generate_data=False --ranks 3
times 1 'stoker: error: --ranks: 3 ranks asked for, but the launcher started 2' err
absent run
run_fails 2 "$STOKER_BIN" dlio workload=small --config-dir "$here/configs" ++hydra.run.dir=run --ranks 4097
has err '--ranks: 4097 are too many for one process, expected at most 4096' 'hint: start more with mpirun'
run_fails 2 "$STOKER_BIN" dlio --ranks 1000001
has err "--ranks: '1000001' is not a number from 1 to 1000000"
absent run
