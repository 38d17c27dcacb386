# Beside another engine the hosts are asked before and after, and this host is sampled from outside.
. "$(dirname "$0")/common.inc.sh"
mkdir -p bin D/unet3d
cat >bin/dlio_benchmark <<'END'
#!/bin/sh
for word; do case $word in --host-record*|--timeseries*) echo "unknown option $word" >&2; exit 9;; esac; done
sleep 0.5
END
chmod +x bin/dlio_benchmark
run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 --data-dir D \
  --results-dir R --dlio-bin-path bin --timeseries-interval 0.1
result=$(one_of R/training/unet3d/run/*)
metadata=$(one_of "$result"/*_metadata.json)
has "$metadata" '"cluster_snapshots"' '"timeseries_data"' '"collection_method": "local"'
lacks "$metadata" '"end": null'
found=$(grep -c '"timestamp"' "$(one_of "$result"/training_*_timeseries.json)")
((found >= 2)) || fail "$found samples in half a second"
has "$metadata" "\"num_samples\": $found,"
