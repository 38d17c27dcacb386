# num_subfolders_train and _eval spread the files; 0 and 1 mean none.
. "$(dirname "$0")/common.inc.sh"
folders=(++workload.dataset.num_files_train=12 ++workload.dataset.num_files_eval=3 ++workload.dataset.num_subfolders_train=10
  ++workload.dataset.num_subfolders_eval=2 ++workload.workflow.evaluation=True)

run_ok small "${folders[@]}" --ranks 2
check_results run 2
exists data/train/00/img_00_of_12.parquet data/train/00/img_10_of_12.parquet data/train/09/img_09_of_12.parquet \
  data/valid/1/img_1_of_3.parquet
equal "$(find data/train -mindepth 1 -type d | wc -l)" 10
for listing in True False; do
  rm -rf run
  run_ok train_small "${folders[@]}" ++workload.dataset.skip_listing=$listing
  check_results run 1
done

generate_small ++workload.dataset.data_folder=flat ++workload.dataset.num_subfolders_train=1
equal "$(find flat/train -type d | wc -l)" 1
run_ok train_small ++workload.dataset.data_folder=flat ++workload.dataset.num_subfolders_train=1
