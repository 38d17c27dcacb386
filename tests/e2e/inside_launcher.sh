# A command that starts ranks says so when a launcher started it, and ranks of a batch system without MPI are not taken for several
# runs that know nothing of each other.
. "$(dirname "$0")/common.inc.sh"
unset SLURM_STEP_NUM_TASKS FLUX_JOB_SIZE PALS_RANKID
datagen=("$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet
  --params dataset.num_files_train=2 dataset.record_length_bytes=4096 dataset.record_length_bytes_stdev=0)

for setting in OMPI_COMM_WORLD_SIZE=1 PMIX_RANK=0 PMI_SIZE=2 SLURM_STEP_NUM_TASKS=2 FLUX_JOB_SIZE=4 PALS_RANKID=0; do
  run_fails 2 env "$setting" "${datagen[@]}"
  times 1 'stoker: error: ' err
  has err "\[E105\] training datagen starts the ranks itself, but a launcher started it \($setting\)" \
    'hint: leave mpirun or srun out, or start `mpirun stoker dlio`'
  absent R D
done
# Help and what starts no ranks is for everybody.
run_ok env OMPI_COMM_WORLD_SIZE=2 "$STOKER_BIN" training datagen --help
run_ok env OMPI_COMM_WORLD_SIZE=2 "$STOKER_BIN" rules list

# A batch script's shell, and one task of Slurm's with its MPI: the engine is alone.
run_ok env SLURM_JOB_ID=1 SLURM_PROCID=0 SLURM_NTASKS=4 "${datagen[@]}"
equal "$(count_files D/unet3d/train '*.parquet')" 2
rm -r D R
run_ok env SLURM_STEP_NUM_TASKS=1 PMIX_RANK=0 PMIX_NAMESPACE=x PMI_SIZE=1 PMI_RANK=0 "${datagen[@]}"
equal "$(count_files D/unet3d/train '*.parquet')" 2

# `srun -n 2 stoker dlio` where Slurm has no MPI.
for setting in SLURM_STEP_NUM_TASKS=2 FLUX_JOB_SIZE=2 PALS_RANKID=0; do
  run_fails 6 env "$setting" SLURM_PROCID=0 SLURM_NTASKS=2 "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small \
    ++hydra.run.dir=run ++workload.dataset.data_folder=data
  times 1 'stoker: error: ' err
  has err "$setting: .* started this process, perhaps beside others, but without MPI" "hint: start the ranks with .*env -u ${setting%=*}"
  absent run data
done
run_ok env SLURM_STEP_NUM_TASKS=2 "$STOKER_BIN" dlio --list
run_ok env SLURM_STEP_NUM_TASKS=1 SLURM_NTASKS=2 "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data
check_results run 1

# The launcher itself.
[[ -z ${STOKER_MPIRUN:-} ]] && exit 0
rm -r D R
for ranks in 1 2; do
  run mpi "$ranks" "${datagen[@]}"
  [[ $rc != 0 ]] || fail 'a command that starts ranks ran as a rank'
  has err "\[E105\] training datagen starts the ranks itself, but a launcher started it \(OMPI_COMM_WORLD_SIZE=$ranks\)"
  absent R D
done
