# Where data may lie and what their names may be made of: wrong ones are refused in every command, before anything is written.
. "$(dirname "$0")/common.inc.sh"
w=++workload.dataset

# refused CODE WORDS COMMAND...: and nothing is there afterwards.
refused() {
  local code=$1 words=$2
  shift 2
  run_fails "$code" "$@"
  times 1 '^stoker: error: ' err
  has err "$words"
  equal "$(find . -mindepth 1 ! -name home ! -name out ! -name err ! -path './home/*' | wc -l)" 0 "$*"
}
unset NO_SUCH_VARIABLE
empty="dataset.data_folder: found '', expected a text that is not empty"
refused 5 "$empty" small "$w.data_folder=${NO_SUCH_VARIABLE:-}"
has err 'hint: the usual cause is a shell variable that is not set'
refused 5 'dataset.data_folder: found null' small $w.data_folder=null
training=("$STOKER_BIN" training)
model=(--model unet3d --results-dir R --dataset-format parquet --params dataset.data_folder=)
refused 5 "$empty" "${training[@]}" datagen --num-processes 1 --data-dir D "${model[@]}"
refused 5 "$empty" "${training[@]}" configview -g h100 "${model[@]}"
refused 5 "$empty" "${training[@]}" datasize -g h100 -ma 1 -cm 1 "${model[@]}"
for command in 'datagen --num-processes 1' 'run -na 1 -g h100 -cm 1' 'datasize -g h100 -ma 1 -cm 1' configview; do
  # shellcheck disable=SC2086
  refused 2 "option '--data-dir' has an empty value" "${training[@]}" $command --model unet3d --results-dir R --data-dir ''
done

refused 5 "dataset.file_prefix: '../../escaped' has a '/', expected a part of a name" small $w.file_prefix=../../escaped
refused 5 "dataset.file_prefix: '$work/x' has a '/'" small $w.file_prefix="$work/x"
refused 5 "dataset.file_prefix: '_x' begins with '_'" small $w.file_prefix=_x
refused 5 "dataset.parquet.partition_by: '../up' has a '/'" small $w.parquet.partition_by=../up \
  "$w.parquet.columns=[{name: ../up, dtype: int32}, {name: b, dtype: int8}]"

# Results and data lie side by side.
refused 5 "the folder of results, $work/data/run, lies inside the data folder, $work/data" small ++hydra.run.dir=data/run
has err 'hint: .*side by side.*hydra.run.dir'
refused 5 "the data folder, $work/run/data, lies inside the folder of results, $work/run" small $w.data_folder=run/data
refused 5 "results and data set have the same folder, $work/run" small $w.data_folder=run
refused 5 "lies inside the data folder" small ++workload.output.folder=data/out
refused 5 "lies inside the data folder, $work\$" small $w.data_folder=.
refused 5 "E105.*lies inside the data folder, $work/D/unet3d" "${training[@]}" datagen --num-processes 1 --data-dir D \
  --results-dir D/unet3d/results --model unet3d --dataset-format parquet
refused 5 "E105.*the data folder, $work/R/unet3d, lies inside the folder of results, $work/R" "${training[@]}" datasize -g h100 \
  -ma 1 -cm 1 --data-dir R --results-dir R --model unet3d

# The working folder may be the data folder, with results elsewhere.
mkdir here
cd here
run_ok small $w.data_folder=. ++hydra.run.dir=../run
check_results ../run 1
exists train/img_0_of_4.parquet stoker_dataset.json

# A manifest of unknown origin names no file outside either.
sed -i 's/"file_prefix": "img"/"file_prefix": "..\/..\/x"/' stoker_dataset.json
rm -rf ../run
run_fails 6 small $w.data_folder=. ++hydra.run.dir=../run ++workload.workflow.generate_data=False
has ../err "stoker_dataset.json: key 'file_prefix': found '../../x', which has a '/'"
