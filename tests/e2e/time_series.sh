# What the hosts' kernels count while a run goes on, and what is written without it.
. "$(dirname "$0")/common.inc.sh"
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
  --params dataset.num_files_train=4 dataset.record_length_bytes=1000 dataset.record_length_bytes_stdev=0
lacks "$(one_of "$(one_of R/training/unet3d/datagen/*)"/*_metadata.json)" 'cluster_snapshots' 'timeseries_data'
training() {
  rm -rf R
  run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type h100 --client-host-memory-in-gb 64 \
    --data-dir D --results-dir R --params reader.batch_size=1 train.epochs=1 train.computation_time=0.3 "$@"
  result=$(one_of R/training/unet3d/run/*)
  metadata=$(one_of "$result"/*_metadata.json)
}

training --timeseries-interval 0.1
series=$(one_of "$result"/training_*_timeseries.json)
for key in collection_interval_seconds start_time end_time num_samples samples_by_host collection_method hosts_requested hosts_collected; do
  has "$series" "\"$key\":"
done
has "$series" '"collection_method": "local"' '"timestamp":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"' '"diskstats":\[' '"vmstat":\{"' \
  '"loadavg":\{"load_1min":' '"meminfo":\{"MemTotal":' '"netdev":\[\{"interface_name":' '"errors":\{'
found=$(grep -c '"timestamp"' "$series")
((found >= 3)) || fail "$found samples in a run of half a second and more"
has "$metadata" '"timeseries_data"' "\"num_samples\": $found," '"interval_seconds": 0.1' '"cluster_snapshots"' '"mounts"' '"cgroups"|"errors"' \
  '"vmstat"' '"collection_method": "local"'
times 3 '"num_hosts": 1' "$metadata"

# The first samples are kept.
training --timeseries-interval 0.1 --max-timeseries-samples 2
has "$metadata" '"num_samples": 2,'
# At least one, also of a run that is shorter than the interval.
training
has "$metadata" '"num_samples": 1,' '"interval_seconds": 10.0'
training --skip-timeseries
lacks "$metadata" 'timeseries_data'
has "$metadata" '"cluster_snapshots"' '"skip_timeseries": true'
absent "$result"/*_timeseries.json

# A run that fails has one too.
rm -rf R
truncate -s 100 "$(one_of D/unet3d/train/img_3_of_4.parquet)"
run_fails 6 "$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type h100 --client-host-memory-in-gb 64 \
  --data-dir D --results-dir R --params reader.batch_size=1 train.epochs=1 train.computation_time=0.1
metadata=$(one_of "$(one_of R/training/unet3d/run/*)"/*_metadata.json)
has "$metadata" '"timeseries_data"'
lacks "$metadata" '"end": null'

# Values that make no sense, and commands that have no time series.
run_fails 2 "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 --data-dir D \
  --results-dir R --timeseries-interval 0
run_fails 2 "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --skip-timeseries
