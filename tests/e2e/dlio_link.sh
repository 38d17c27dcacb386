# Called by the name dlio_benchmark the program is dlio_benchmark: Hydra's overrides, folders and files.
. "$(dirname "$0")/common.inc.sh"
ln -s "$STOKER_BIN" dlio_benchmark
arguments=(workload=small --config-dir="$here/configs" ++workload.dataset.data_folder=data)

run_ok ./dlio_benchmark "${arguments[@]}" ++hydra.run.dir=results ++hydra.output_subdir=dlio_config ++workload.dataset.num_files_train=6
check_results results 1
check_summary_keys results/summary.json
check_metric_block out
exists results/dlio_config/{config,hydra,overrides}.yaml
absent results/.hydra
has results/dlio_config/config.yaml '^workload:$' '^    num_files_train: 6$'
has results/dlio_config/overrides.yaml '^- workload=small$' '^- .?\+\+workload.dataset.num_files_train=6'
lacks results/dlio_config/overrides.yaml hydra
has results/dlio_config/hydra.yaml '^  output_subdir: dlio_config$' '^    dir: .*results$' '^      workload: small$'
equal "$(count_files data/train '*.parquet')" 6
exists data/valid

# Without hydra.run.dir: hydra_log/<model>/<time>, and the copies in .hydra.
rm -rf data
run_ok ./dlio_benchmark "${arguments[@]}"
result=$(one_of hydra_log/small/*)
[[ ${result##*/} =~ ^[0-9]{4}(-[0-9]{2}){5}$ ]] || fail "run folder '$result'"
check_results "$result" 1
exists "$result"/.hydra/{config,hydra,overrides}.yaml

# output.folder moves the results but not the copies.
run_ok ./dlio_benchmark "${arguments[@]}" hydra.run.dir=copies ++workload.output.folder=moved ++workload.output.log_file=my.log
exists moved/summary.json moved/my.log copies/.hydra/config.yaml
absent copies/summary.json

# The query tool and the list of workloads.
run_ok ./dlio_benchmark "${arguments[@]}" --query reader.batch_size
equal "$(cat out)" 4
run_ok ./dlio_benchmark --list
equal "$(grep -cE '^(unet3d_h100|dlrm_b200|flux_mi355|dlrm_parquet_h100|default)$' out)" 5
run_ok ./dlio_benchmark --help
has out 'usage: ' 'example:'
