# Epochs, the cap on the steps of each, and what happens to samples that fill no batch.
. "$(dirname "$0")/common.inc.sh"

run_ok small ++workload.train.epochs=3 ++workload.train.total_training_steps=5 ++workload.reader.file_shuffle=seed \
  ++workload.reader.sample_shuffle=random
check_results run 1
equal "$(grep -c 'epoch [1-3]: 5 steps in' out)" 3
has out 'capped per epoch by train.total_training_steps'
has run/summary.json '"epochs": 3'
has run/0_output.json '"1":' '"2":' '"3":'
lacks run/0_output.json '"4":'
has err '140 samples per epoch are read by no rank'

# 160 samples in batches of 7 on 3 ranks: 7 steps, and 13 samples are left over.
rm -rf run
run_ok train_small ++workload.reader.batch_size=7 --ranks 3
check_results run 3
has out 'epoch 1: 7 steps in'
times 1 '13 samples per epoch are read by no rank' err

# More ranks than files: the files are shared, all samples are read.
rm -rf run
run_ok train_small --ranks 8
has out 'epoch 1: 5 steps in'
check_results run 8
lacks err 'read by no rank'
useful=$(json_value run/summary.json train_useful_bytes)
rm -rf run
run_ok train_small --ranks 1
equal "$(json_value run/summary.json train_useful_bytes)" "$useful" 'useful bytes of 1 and of 8 ranks'
