# A host that cannot be reached is named before anything runs, with what was tried; the others are not.
. "$(dirname "$0")/common.inc.sh"
. "$here/hosts.inc.sh"
generate_on --hosts $ip_a --num-processes 1 --params dataset.num_files_train=4 "${sizes[@]}"
params=(--params reader.batch_size=1 train.epochs=1 train.computation_time=0)

begin=$SECONDS
run_fails 6 "${training_run[@]}" --hosts $ip_a $ip_b 10.91.7.9 --num-accelerators 3 "${params[@]}"
times 1 'stoker: error: ' err
has err 'host 10.91.7.9: cannot be reached through .*mpi(run|exec): agent: connect to host 10.91.7.9: No route to host' \
  'hint: tried: .*-host 10.91.7.9:1 '
lacks err "host $ip_a: " "host $ip_b: "
absent R/training/unet3d/run
((SECONDS - begin < 30)) || fail "it took $((SECONDS - begin)) s"

# The program is not there on the other host.
cat >hide <<END
#!/bin/bash
mkdir -p $work/empty
exec "$work/on_host" $ns_b hostb unshare --mount sh -c 'mount --bind $work/empty $(dirname "$STOKER_BIN") && exec sh -c "\$1"' _ "\${*:2}"
END
chmod +x hide
OMPI_MCA_plm_rsh_agent=$work/hide run_fails 6 "${training_run[@]}" --hosts $ip_a $ip_b --num-accelerators 2 "${params[@]}"
has err "host $ip_b: the program cannot be run there: " 'hint: install .*stoker under the same path on every host'
lacks err "host $ip_a: "

# Several findings are told together and numbered; the first decides.
mv D hidden
run_fails 3 "${training_run[@]}" --hosts $ip_a 10.91.7.9 --num-accelerators 2 "${params[@]}"
mv hidden D
has err '2 things stand in the way of a run' '1\. \[E401\] .*no data set at D/unet3d' '2\. \[E502\] host 10.91.7.9: '

# Without the checks the run itself fails, and says from where its facts are.
run "${training_run[@]}" --hosts $ip_a 10.91.7.9 --num-accelerators 2 --skip-validation "${params[@]}"
[[ $rc != 0 ]] || fail 'a run over a host that is not there went well'
has err 'WARNING: the checks of the environment are skipped' 'WARNING: host 10.91.7.9: cannot be reached' \
  'WARNING: host facts of 1 of 2 hosts only \(mpi\): 10.91.7.9 is missing' 'stoker: error: \[E201\] training run failed with exit code'
has "$(metadata_of_run)" '"missing_hosts"' '"host": "10.91.7.9"'
rm -r R/training/unet3d/run
run "${training_run[@]}" --hosts 10.91.7.9 10.91.7.7 --num-accelerators 2 --skip-validation "${params[@]}"
has err 'WARNING: host facts of this host only \(local_fallback\): 10.91.7.9, 10.91.7.7 are missing'
has "$(metadata_of_run)" '"collection_method": "local_fallback"'
