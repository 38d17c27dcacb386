# A run over two hosts, in every number and fact that names them.
. "$(dirname "$0")/common.inc.sh"
. "$here/hosts.inc.sh"
# 100 GiB and 80 GiB, 3 cores and 2.
for host in hosta hostb; do cp /proc/meminfo meminfo-of-$host; done
sed -i 's/^MemTotal:.*/MemTotal:       104857600 kB/' meminfo-of-hosta
sed -i 's/^MemTotal:.*/MemTotal:        83886080 kB/' meminfo-of-hostb
for core in 0 1 2; do printf 'processor\t: %d\nmodel name\t: A CPU\nphysical id\t: 0\ncore id\t: %d\n\n' $core $core; done >cpuinfo-of-hosta
head -n 10 cpuinfo-of-hosta >cpuinfo-of-hostb

generate_on --hosts $ip_a:1 $ip_b:2 --num-processes 3 --params dataset.num_files_train=12 "${sizes[@]}"
equal "$(count_files D/unet3d/train '*.parquet')" 12
has err "command: .* -n 3 -host $ip_a:1,$ip_b:2 --bind-to none --map-by node" 'WARNING: the hosts are not alike: memory differs'
has out '3 accelerators on 2 hosts'

run_ok "${training_run[@]}" --hosts $ip_a:3 $ip_b:1 --num-accelerators 4 --timeseries-interval 0.2 \
  --params reader.batch_size=1 train.epochs=1 train.computation_time=0.3
has err "command: .* -n 4 -host $ip_a:3,$ip_b:1 " "--host-record=" \
  'WARNING: the hosts are not alike: memory differs by 25 % between hosts \(80.0 GiB to 100.0 GiB\)' \
  'WARNING: the hosts are not alike: CPU core counts differ between hosts: 2, 3'
result=$(one_of R/training/unet3d/run/*)
check_results "$result" 4
# The shares are as the slots: three ranks there, one here.
for rank in 0 1 2 3; do json_value "$result/${rank}_output.json" hostname; done | sort | uniq -c | tr -s ' ' >ranks
equal "$(tr '\n' ';' <ranks)" ' 3 hosta; 1 hostb;'
has "$result/summary.json" '"num_hosts": 2,' '"hostname": "hosta"'
equal "$(tr -d ' \n' <"$result/summary.json" | grep -o '"host_memory_GB":\[[^]]*\]')" '"host_memory_GB":[100.0,80.0]'
equal "$(tr -d ' \n' <"$result/summary.json" | grep -o '"host_cpu_count":\[[^]]*\]')" '"host_cpu_count":[3,2]'

metadata=$(metadata_of_run)
has "$metadata" '"collection_method": "mpi"' '"total_memory_bytes": 193273528320' '"min_memory_bytes": 85899345920' \
  '"max_memory_bytes": 107374182400' '"total_cores": 5' '"num_hosts": 2' '"host_consistency_issues"'
lacks "$metadata" 'missing_hosts' 'local_fallback' '"end": null'
# As asked before the run, at its start and at its end.
times 3 '"num_hosts": 2' "$metadata"
series=$(one_of "$result"/training_*_timeseries.json)
equal "$(json_value "$metadata" file)" "${series##*/}"
has "$series" '"hosts_requested": \["hosta","hostb"\]' '"hosts_collected": \["hosta","hostb"\]' '"collection_method": "mpi"' \
  '"collection_interval_seconds": 0.2'
# Sampled where they ran: each counts in its own network, and the second saw its own memory.
for host in hosta hostb; do
  found=$(grep -c "\"hostname\":\"$host\"" "$series")
  ((found >= 3)) || fail "$found samples of $host in a run of about a second"
done
times "$(grep -c '"hostname":"hostb"' "$series")" '"hostname":"hostb".*"MemTotal":83886080,.*"interface_name":"vb"' "$series"
equal "$(json_value "$series" num_samples)" "$(grep -c '"timestamp"' "$series")"
absent "$result"/*_hosts.json
