# Folders that are never deleted: keep_files: False is refused at the start for an empty name, the root, the working folder and
# those above it, the home folder, a mount point, a folder with results, and for links to any of them. In a namespace of its own
# in which everything is read-only but three small file systems in memory.
. "$(dirname "$0")/common.inc.sh"
. "$(dirname "$0")/box.inc.sh"
cat >inside <<'END'
export HOME=$box/home
mkdir -p "$box"/home "$box"/up/cwd "$box"/mount "$box"/own "$box"/with_results
mount -t tmpfs none "$box/mount"
ln -s / "$box/slash"
ln -s home "$box/link_home"
cd "$box/up/cwd"
small() {
  "$STOKER_BIN" dlio --config-dir "$STOKER_SOURCE_DIR/tests/e2e/configs" workload=small ++hydra.run.dir="$out/run" "$@" \
    >"$out/stdout" 2>"$out/stderr"
}
for folder in . .. "$box/home" "$box/mount" "$box/with_results" "$box/own"; do
  small "++workload.dataset.data_folder=$folder" ++workload.workflow.train=False || { cat "$out/stderr" >&2; exit 1; }
done
touch "$box/with_results/summary.json"
snapshot() { find "$box" | sort; }
before=$(snapshot)

# refused FOLDER WORDS
refused() {
  local rc=0
  rm -rf "$out/run"
  small "++workload.dataset.data_folder=$1" ++workload.workflow.generate_data=False ++workload.dataset.keep_files=False || rc=$?
  if [[ $rc != 5 || -e $out/run ]] || ! grep -Eq "$2" "$out/stderr" || [[ $(snapshot) != "$before" ]]; then
    echo "data_folder '$1': exit code $rc, expected 5 and '$2'" >&2
    cat "$out/stderr" >&2
    diff <(echo "$before") <(snapshot) >&2
    exit 1
  fi
}
refused '' "data_folder: found '', expected a text that is not empty"
refused . 'it is the working folder'
refused .. 'the working folder, .*/up/cwd, lies in it'
refused "$box/up/../up/cwd/." 'it is the working folder'
refused "$box/home" 'it is the home folder'
refused "$box/link_home" 'it is the home folder'
refused "$box/mount" 'it is the root of a mounted file system'
refused "$box/with_results" 'it holds results of a run'
# These hold the results of this run, too.
for folder in / "$box/slash" "$box/slash/" ../../../../../../../../../../../../..; do
  refused "$folder" 'lies inside the data folder, /$'
done
refused "$box/.." 'lies inside the data folder'
# And where it is the data set's own folder, the data set goes.
rm -rf "$out/run"
small "++workload.dataset.data_folder=$box/own" ++workload.workflow.generate_data=False ++workload.dataset.keep_files=False
[[ ! -e $box/own ]] || { echo "$box/own is there" >&2; exit 1; }
END
run_in_box
