# The loader and the format that read nothing: what the client could do if storage and decoding took no time.
. "$(dirname "$0")/common.inc.sh"

# A loader that reads nothing needs no files.
run_ok train_small ++workload.reader.data_loader=synthetic --ranks 2
check_results run 2
absent data
has out 'epoch 1: 20 steps in'
has err 'nothing is read'
equal "$(json_value run/summary.json train_useful_bytes)" 0
equal "$(json_value run/summary.json train_io_mean_MB_per_second)" 0.0
rm -rf run

# Files of the format hold their own number, over training and evaluation files.
run_ok small ++workload.dataset.format=synthetic ++workload.dataset.num_files_eval=2 ++workload.dataset.parquet=null
check_results run 1
equal "$(count_files data '*.synthetic')" 6
equal "$(cat data/valid/img_1_of_2.synthetic)" 5
has out 'epoch 1: 40 steps in'
