# A host that neither answers nor refuses is given up after a time, and named.
. "$(dirname "$0")/common.inc.sh"
. "$here/hosts.inc.sh"
begin=$SECONDS
run_fails 7 "${on_a[@]}" training datagen --model unet3d "${launch[@]}" --hosts $ip_a 10.91.7.8 --num-processes 2 --data-dir D --results-dir R \
  --dataset-format parquet --params dataset.num_files_train=4 "${sizes[@]}"
times 1 'stoker: error: ' err
has err 'host 10.91.7.8: no answer: .* did not end within 20 s and was stopped'
lacks err "host $ip_a: "
((SECONDS - begin < 120)) || fail "it took $((SECONDS - begin)) s"
absent D R
# What the launcher had started on this host is gone, but for its remote shells, which it leaves to themselves.
for pid in $(processes "$ns_a"); do
  name=$(cat "/proc/$pid/comm" 2>/dev/null || true)
  [[ $name == sleep || -z $name ]] || fail "$name is still running"
done
