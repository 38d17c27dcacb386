# datasize says how large a data set must be, and the command that it prints writes what the run reads, for every model.
. "$(dirname "$0")/common.inc.sh"
mkdir bin
ln -s "$STOKER_BIN" bin/stoker
PATH=$PWD/bin:$PATH

datasize() { "$STOKER_BIN" training datasize --results-dir R "$@"; }

# The last line of an answer that begins with two blanks and the program's name.
printed_command() { sed -n 's/^  \(stoker training datagen .*\)/\1/p' out; }

# Sizes: which minimum decides, how many files, how much space.
run_ok datasize --model unet3d --accelerator-type h100 --max-accelerators 4 --client-host-memory-in-gb 64 --data-dir D
has out '^decided by: 500 steps per epoch of 4 accelerators with batches of 7 \(14000 files\), .* 5 x 64 GiB of memory of one host \(2344 files\)' \
  '^number of training files: 14000$' '^number of training subfolders: 0$' '^disk space: 1911.45 GB' \
  '^warning: 14000 files .*dataset.num_subfolders_train=2' '^free at D/unet3d: .* inodes; needed: 14004'
# A host for each name, or as many as there will be; rounded up.
run_ok datasize -m unet3d -g h100 -ma 8 -cm 1024 -nc 8
has out '^decided by: 5 x 1024 GiB of memory of each of 8 hosts \(300002 files\)' '^number of training files: 300002$' '^inodes needed: 300006'
run_ok datasize -m flux -g b200 -ma 8 -cm 256 --hosts alpha,beta
has out '^number of training files: 4409$' 'memory of the run per host: .* \(4 accelerators'
lacks out 'subfolders_train='
[[ $(printed_command) == 'stoker training datagen --hosts=alpha,beta --model=flux --exec-type=auto --params dataset.num_files_train=4409'* ]] ||
  fail "printed: $(printed_command)"
# The folder that is missing is said to be.
has out "'--data-dir=<data-dir>'" 'put the folder of the data set in the place of'
# What is recorded.
metadata=$(one_of R/training/flux/datasize/*/training_*_metadata.json)
has "$metadata" '"command": "datasize"' '"accelerator": "b200"' '"num_files_train": 4409' '"decided_by": "memory"' '"verification": null'

# The command, pasted, with a smaller data set.
small=(dataset.num_files_train=3 dataset.num_samples_per_file=8 dataset.record_length_bytes=1000 dataset.record_length_bytes_stdev=0)
pairs=(cosmoflow:a100 cosmoflow:h100 resnet50:a100 resnet50:h100 unet3d:a100 unet3d:h100 dlrm:b200 dlrm:mi355 retinanet:b200
  retinanet:mi355 flux:b200 flux:mi355 flux:a100 flux:h100)
for pair in "${pairs[@]}"; do
  model=${pair%:*}
  folder="data of ${pair/:/ }"
  rm -rf R2
  run_ok "$STOKER_BIN" training datasize --results-dir R2 -m "$model" -g "${pair#*:}" -ma 2 -cm 8 --data-dir "$folder" \
    --dataset-format parquet
  command=$(printed_command)
  run_ok bash -c "$command --params ${small[*]}"
  equal "$(count_files "$folder/$model/train" '*.parquet')" 3 "$pair"
  has "$folder/$model/stoker_dataset.json" '"complete": true' '"num_samples_per_file": 8'
done
# And the run that it was written for.
run_ok "$STOKER_BIN" training run --model dlrm --num-accelerators 2 --accelerator-type b200 --client-host-memory-in-gb 8 \
  --data-dir 'data of dlrm b200' --results-dir R2 --params reader.batch_size=4
has out 'epoch 1: 3 steps in'

# Overrides are printed as datagen takes them, quoted for a shell.
run_ok datasize -m unet3d -g h100 -ma 1 -cm 8 --data-dir D --dataset-format parquet --compression zstd --oversubscribe \
  --params reader.read_threads=8 'dataset.file_prefix=my img'
has out "--exec-type=auto --oversubscribe --dataset-format=parquet --compression=zstd --params reader.read_threads=8 --params 'dataset.file_prefix=my img' --params dataset.num_files_train="

# What datagen would refuse of the hosts is refused before it is printed; slots that it takes are printed as typed.
run_fails 2 datasize -m unet3d -g h100 -ma 8 -cm 8 --hosts a:4 b
has err "'b' has no number of slots"
run_fails 2 datasize -m unet3d -g h100 -ma 8 -cm 8 --hosts a:4 b:3
has err '--hosts: 7 slots for 8 processes'
run_fails 2 datasize -m unet3d -g h100 -ma 8 -cm 8 --hosts alpha --exec-type local
has err "host 'alpha' is another machine"
run_ok datasize -m unet3d -g h100 -ma 8 -cm 8 --hosts alpha:4 beta:4 --allow-run-as-root
[[ $(printed_command) == *' --hosts=alpha:4,beta:4 '*' --allow-run-as-root '* ]] || fail "printed: $(printed_command)"
run_ok datasize -m unet3d -g h100 -ma 8 -cm 8 --num-client-hosts 2
has out 'it writes from 1 host; name all 2 with --hosts'
if ((EUID == 0)); then
  run_ok datasize -m unet3d -g h100 -ma 2 -cm 8 --hosts alpha,beta
  has err 'refuses to start as root: so will the command below; add --allow-run-as-root'
fi
# Slots on this host are pasted and run.
rm -rf D3
run_ok datasize -m unet3d -g h100 -ma 2 -cm 8 --hosts localhost:1,127.0.0.1:1 --exec-type mpi --allow-run-as-root \
  --dataset-format parquet --data-dir D3
run_ok bash -c "$(printed_command) --params ${small[*]}"
equal "$(count_files D3/unet3d/train '*.parquet')" 3 'files written by the command for two slots'
# A host with more memory than is stated needs more files than are printed.
run_ok datasize -m unet3d -g h100 -ma 1 -cm 1
has err 'this host has .* GiB of memory, more than --client-host-memory-in-gb=1'
run_ok datasize -m unet3d -g h100 -ma 1 -cm 999999
lacks err 'this host has'

# Words for the launcher are printed so that they can be pasted, also where they begin with dashes; a quoted value is several.
run_ok datasize -m unet3d -g h100 -ma 2 -cm 8 --hosts localhost --exec-type mpi --allow-run-as-root --dataset-format parquet \
  --mpi-params='--tag-output --bind-to core' --mpi-params=--report-bindings --data-dir D4
has out "--mpi-params='--tag-output --bind-to core' --mpi-params=--report-bindings|'--mpi-params=--tag-output --bind-to core' --mpi-params=--report-bindings"
command=$(printed_command)
run_ok bash -c "${command//--bind-to core/--bind-to none} --params ${small[*]}"
equal "$(count_files D4/unet3d/train '*.parquet')" 3 'files written by a launcher with words of its own'
# And a launcher that decorates its output does not spoil what the hosts answer.
run_ok "$STOKER_BIN" training run -m unet3d -g h100 -na 1 -cm 8 --exec-type mpi --allow-run-as-root --mpi-params --tag-output \
  --data-dir D4 --results-dir R4 --params reader.batch_size=1 train.epochs=1 train.computation_time=0.001
lacks err 'no host facts' 'local_fallback'

# What an option says last counts, -m=X is -m X, and what changes nothing or is the answer is told.
run_ok datasize -m=flux -g=b200 -ma 4 -ma 8 -cm 256 -nc 2 --params dataset.num_files_train=3 dataset.record_length_bytes=1000
has out '^number of training files: 4409$'
has err 'dataset.num_files_train of --params is left aside' 'dataset.record_length_bytes: no effect'
has "$(ls -t R/training/flux/datasize/*/*_metadata.json | head -1)" '"max_accelerators": 8' '"quiet": false' '"collection_method": "local"'
# Results for a folder that is mistyped are not begun somewhere new.
run_fails 3 datasize -m flux -g b200 -ma 1 -cm 8 --results-dir no/such/place
has err '--results-dir: .*no/such/place cannot be made'
absent no

# What cannot be.
run_fails 2 datasize -m unet3d -g b200 -ma 1 -cm 8
has err "unet3d has no workload for 'b200'"
run_fails 2 datasize -m unet3d -g h100 -cm 8
run_fails 2 datasize -m unet3d -g h100 -ma 1 -cm 8 --probe
has err '--probe needs --data-dir'
# Flags that mean something to runs only, are said to mean nothing here.
run_ok datasize -m flux -g b200 -ma 1 -cm 8 --closed
has err 'WARNING: --closed has no effect on datasize'

# The sizes of a key/value cache.
run_ok "$STOKER_BIN" kvcache datasize --results-dir R --model llama2-7b --num-users 10 --cache-dir .
has out '^bytes per token: 524288$' '^per user: 1536\.' '^advised space on storage: 30\.01 GB' '^free at \.:'
metadata=$(one_of R/kv_cache/llama2-7b/datasize/*/kv_cache_*_metadata.json)
has "$metadata" '^    "num_users": 10,$' '^    "cache_dir": "."' '"loops": 1'
run_fails 2 "$STOKER_BIN" kvcache datasize --model gpt-2 --results-dir R
run_fails 6 "$STOKER_BIN" kvcache run --model llama2-7b
has err "'kvcache run' is not available" "'stoker kvcache --help' lists what is"
