# The metadata of a run has the keys that other programs of the benchmark's family read.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
  --loops 2 --params dataset.num_files_train=2 dataset.record_length_bytes=100 dataset.record_length_bytes_stdev=0
# Two loops within a second do not share a folder.
equal "$(find R/training/unet3d/datagen -mindepth 1 -maxdepth 1 -type d | wc -l)" 2
run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type a100 --client-host-memory-in-gb 64 \
  --data-dir D --results-dir R --params reader.batch_size=1 train.epochs=1 train.computation_time=0
folder=$(one_of R/training/unet3d/run/*)
[[ ${folder##*/} =~ ^[0-9]{8}_[0-9]{6} ]] || fail "run folder $folder"
file=$(one_of "$folder"/training_*_metadata.json)
for key in benchmark_type model command run_datetime num_processes accelerator result_dir parameters override_parameters system_info \
  runtime verification executed_command command_output_files args; do
  has "$file" "^ {2,4}\"$key\":"
done
has "$file" '"benchmark_type": "training"' '"command": "run"' '"num_processes": 2,' '"accelerator": "a100"' \
  '"dataset.data_folder": "D/unet3d"' '"reader.batch_size": 1,' '"stdout": ".*training_run.stdout.log"'
has "$folder/training_run.stdout.log" '\[METRIC\] Training Accelerator Utilization'

# A run that fails is recorded too, with its output.
truncate -s 10 D/unet3d/train/img_0_of_2.parquet
run_fails 6 "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type a100 --client-host-memory-in-gb 64 \
  --data-dir D --results-dir R2 --params reader.batch_size=1
folder=$(one_of R2/training/unet3d/run/*)
exists "$folder"/training_*_metadata.json
has "$folder/training_run.stderr.log" 'img_0_of_2.parquet: is 10 bytes long, too short'
times 1 'img_0_of_2.parquet: is 10 bytes long, too short' err
