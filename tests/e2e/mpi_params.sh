# The user's own words for the launcher are understood or refused, and the ranks that came out are compared with those that were
# asked for.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
launch=(--exec-type mpi --allow-run-as-root --oversubscribe)
datagen=("$STOKER_BIN" training datagen --model unet3d --num-processes 2 "${launch[@]}" --data-dir D --results-dir R
  --dataset-format parquet --params dataset.num_files_train=6 dataset.record_length_bytes=4096 dataset.record_length_bytes_stdev=0)
training_run=("$STOKER_BIN" training run --model unet3d --num-accelerators 2 --accelerator-type h100 --client-host-memory-in-gb 64
  --data-dir D --results-dir R --params reader.batch_size=1 train.epochs=1 train.computation_time=0 dataset.num_files_train=6)

# refused CODE MESSAGE HINT WORD...
refused() {
  local number=$1 message=$2 hint=$3
  shift 3
  run_fails 2 "${datagen[@]}" "${@/#/--mpi-params=}"
  times 1 'stoker: error: ' err
  has err "stoker: error: \[$number\] .*$message" "hint: .*$hint"
  absent R D
}
run_fails 2 "${datagen[@]}" --mpi-params ""
has err "stoker: error: \[E101\] option '--mpi-params' has an empty value"
refused E101 "option '--mpi-params' has an empty value" 'leave the option out' -x ' '
refused E101 "'--map-by' needs a value" 'write the value' --map-by
refused E102 "'sh' belongs to no option" 'with a dash' -x PATH sh
for words in '-n 1' '-np 4' '-c 1' '--npernode 1' '-N 1'; do
  refused E105 "--mpi-params: '${words% *}' says which ranks are started" '--num-accelerators' "$words"
done
refused E105 "--mpi-params: '--hostfile' names hosts" 'use --hosts' --hostfile nowhere
refused E105 "--mpi-params: '-H' names hosts" 'use --hosts' -H other
# Also where no launcher is used.
run_fails 2 "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
  --mpi-params=' '
has err "E101.*option '--mpi-params' has an empty value"

# Of a mapping and a binding of the user's there is one, and it works.
run_ok "${datagen[@]}"
seq 0 1 | sed 's/.*/rank &=localhost slot=0/' >ranks
for words in '--map-by slot --bind-to none' '--rankfile ranks' '-x STOKER_X=1 --tag-output --bind-to none --map-by slot:OVERSUBSCRIBE'; do
  run_ok "${training_run[@]}" "${launch[@]}" --hosts localhost:2 --mpi-params="$words"
  times 1 'INFO: command: .*-n 2 ' err
  [[ $(grep -Eo -e '--(map-by|rankfile) ' <(grep 'INFO: command: ' err) | wc -l) == 1 ]] || fail 'not one mapping'
  [[ $(grep -Eo -e '--bind-to ' <(grep 'INFO: command: ' err) | wc -l) == 1 ]] || fail 'not one binding'
  has "$(one_of R/training/unet3d/run/*/summary.json)" '"num_accelerators": 2,'
  rm -r R/training/unet3d/run
done

# A launcher that starts another number of ranks, whatever it was told.
cat >one_rank <<END
#!/bin/bash
words=("\$@")
for ((i = 0; i < \$#; ++i)); do [[ \${words[i]} != -n ]] || words[i+1]=1; done
exec "$STOKER_MPIRUN" "\${words[@]}"
END
chmod +x one_rank
MPI_RUN_BIN=$PWD/one_rank run_fails 2 "${training_run[@]}" "${launch[@]}"
has err 'stoker: error: --ranks: 2 ranks asked for, but the launcher started 1' 'stoker: error: \[E201\] training run failed'
absent R/training/unet3d/run/*/summary.json

# Another engine does not compare: its summary tells.
mkdir bin
run_ok "$STOKER_BIN" dlio --config-dir "$here/configs" workload=small ++hydra.run.dir=other ++workload.dataset.data_folder=data
cat >bin/dlio_benchmark <<END
#!/bin/sh
for word; do case \$word in ++hydra.run.dir=*) cp "$PWD/other/summary.json" "\${word#*=}/summary.json";; esac; done
END
chmod +x bin/dlio_benchmark
run_fails 6 "${training_run[@]}" "${launch[@]}" --dlio-bin-path bin
has err '\[E201\] training run was to have 2 accelerators, but its summary says 1' 'hint: the launcher has started another number'

# What the launcher says of itself is the reason, not what it always prints.
cat >fake <<END
#!/bin/sh
cat "$STOKER_SOURCE_DIR/src/cluster/environment/testing/dialogues/openmpi4_ignored_components.txt" >&2
exit 1
END
chmod +x fake
MPI_RUN_BIN=$PWD/fake run_fails 6 "${datagen[@]}"
has err '\[E503\] host 127.0.0.1: MPI cannot start there: PML ucx cannot be selected$'
lacks err ignored
