# Evaluations run after the epochs that the configuration names, over files of their own, with numbers of their own.
. "$(dirname "$0")/common.inc.sh"
eval=(++workload.workflow.evaluation=True ++workload.dataset.num_files_eval=2 ++workload.reader.batch_size_eval=8
  ++workload.evaluation.eval_time=0.001)

run_ok small "${eval[@]}" ++workload.train.epochs=4 ++workload.evaluation.eval_after_epoch=2 ++workload.evaluation.epochs_between_evals=2 \
  --ranks 2
check_results run 2
equal "$(grep -oE 'epoch [0-9]+: evaluation, 5 steps' out | grep -oE '[0-9]+:' | tr '\n' ' ')" '2: 4: '
has run/summary.json '"eval_au_percentage"' '"eval_au_mean_percentage"' '"eval_throughput_samples_per_second"' \
  '"eval_throughput_mean_samples_per_second"' '"eval_io_mean_MB_per_second"' '"num_files_eval": 2'
has out '\[METRIC\] Eval Accelerator Utilization \[AU\] \(%\): ' '\[METRIC\] Eval Throughput \(samples/second\): ' \
  '\[METRIC\] eval_au_meet_expectation: '
equal "$(grep -c '"eval"' run/0_per_epoch_stats.json)" 2

# By default after every epoch.
rm -rf run
run_ok train_small "${eval[@]}" ++workload.train.epochs=2
equal "$(grep -c 'evaluation, 10 steps' out)" 2

# Evaluation files are written whenever there are some, and nobody reads them in a run without evaluation.
rm -rf run
run_ok train_small ++workload.dataset.num_files_eval=2
lacks run/summary.json '"eval_au'

# Without evaluation files there is nothing to evaluate: a warning, and a run that trains.
rm -rf run
run_ok train_small ++workload.workflow.evaluation=True
has err 'evaluation'
check_results run 1
