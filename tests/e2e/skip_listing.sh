# skip_listing computes names in place of listing them, and probes some.
. "$(dirname "$0")/common.inc.sh"
names=(++workload.dataset.num_files_train=10 ++workload.dataset.skip_listing=True)

generate_small "${names[@]}"
run_ok train_small "${names[@]}"
check_results run 1
has out 'epoch 1: 100 steps in'

rm -rf run data/train/img_00_of_10.parquet data/train/img_04_of_10.parquet
run_fails 3 train_small "${names[@]}" ++workload.dataset.listing_validation_interval=1
has err '2 of 10 probed files are missing: img_00_of_10.parquet, img_04_of_10.parquet'

# Another count means other names, which listing does not mind. With a manifest the names are known.
rm -rf run data/stoker_dataset.*
run_fails 3 train_small "${names[@]}" ++workload.dataset.num_files_train=8
has err 'skip_listing'
rm -rf run
run_ok train_small ++workload.dataset.num_files_train=8 ++workload.dataset.skip_listing=False
check_results run 1
