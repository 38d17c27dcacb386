# Beside another engine the hosts are asked before and after, and this host is sampled from outside.
. "$(dirname "$0")/common.inc.sh"
mkdir -p bin D/unet3d
cat >bin/dlio_benchmark <<'END'
#!/bin/sh
for word; do case $word in
  --host-record* | --timeseries* | --quiet) echo "unknown option $word" >&2; exit 9;;
  ++hydra.run.dir=*) folder=${word#*=};;
  --config-dir=*) configs=${word#*=};;
  workload=*) workload=${word#*=};;
esac; done
# The workload is where such an engine looks for it.
grep -q batch_size "$configs/workload/$workload.yaml" || exit 8
sleep 0.5
cp "$SUMMARY" "$folder/summary.json"
END
chmod +x bin/dlio_benchmark
# A summary such as an engine leaves.
generate_small
run_ok "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=other ++workload.dataset.data_folder=data \
  ++workload.workflow.generate_data=False
export SUMMARY=$PWD/other/summary.json
run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 --data-dir D \
  --results-dir R --dlio-bin-path bin --timeseries-interval 0.1 --quiet
result=$(one_of R/training/unet3d/run/*)
metadata=$(one_of "$result"/*_metadata.json)
has "$metadata" '"cluster_snapshots"' '"timeseries_data"' '"collection_method": "local"'
lacks "$metadata" '"end": null'
found=$(grep -c '"timestamp"' "$(one_of "$result"/training_*_timeseries.json)")
((found >= 2)) || fail "$found samples in half a second"
has "$metadata" "\"num_samples\": $found,"
