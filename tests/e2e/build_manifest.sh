# The build manifest: written, stored in each run, compared; --verify-lockfile refuses another build and warns of another host.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_BIN" manifest
has out '"kind": "stoker build manifest"' '"commit": ' '"compiler": "[A-Za-z]+ [0-9]' '"arrow": "[0-9]+\.' '"glibc": "[0-9]' \
  '"cpu_model": ' '"kernel": "' '"os": '
run_ok env MPI_RUN_BIN=/no/such/mpirun STOKER_MPI_MODULE=/no/such/module "$STOKER_BIN" manifest --output none.json
has none.json '"library": null' '"launcher": null'

generate() {
  "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
    --params dataset.num_files_train=2 dataset.record_length_bytes=100 dataset.record_length_bytes_stdev=0 "$@"
}
run_ok generate
folder=$(one_of R/training/unet3d/datagen/*)
exists "$folder/build_manifest.json"
run_ok "$STOKER_BIN" manifest --compare "$folder"
has out "^build manifest $folder: PASSED" ' 0 mismatched, 0 missing, 0 skipped'

run_ok "$STOKER_BIN" lockfile generate
run_ok "$STOKER_BIN" lockfile verify
run_ok "$STOKER_BIN" lockfile generate -o mine.json
run_ok "$STOKER_BIN" lockfile verify -l mine.json --strict
run_ok generate --verify-lockfile mine.json

# Another kernel.
sed 's/"kernel": ".*"/"kernel": "2.4.0"/' mine.json >kernel.json
run_ok "$STOKER_BIN" manifest --compare kernel.json
has out 'host, warning only: host.kernel: recorded 2.4.0, here '
run_ok generate --verify-lockfile kernel.json
has err 'WARNING: kernel.json: host.kernel: recorded 2.4.0, here '
run_fails 6 "$STOKER_BIN" lockfile verify -l kernel.json --strict
run_ok "$STOKER_BIN" lockfile verify -l kernel.json --strict --skip host

# Another program.
sed 's/"compiler": ".*"/"compiler": "Fortran 77"/' mine.json >compiler.json
run_fails 6 "$STOKER_BIN" manifest --compare compiler.json
has out '^build manifest compiler.json: FAILED' 'build: build.compiler: recorded Fortran 77, here '
times 1 '^stoker: error: \[E105\] compiler.json: this is another build' err
run_ok "$STOKER_BIN" lockfile verify -l compiler.json --skip build.compiler
run_fails 2 "$STOKER_BIN" lockfile verify -l compiler.json --skip mpi4py
has err "--skip: compiler.json has no entry and no group 'mpi4py'"
run_ok "$STOKER_BIN" manifest --compare compiler.json compiler.json
rm -r D
run_fails 6 generate --verify-lockfile compiler.json
times 1 '^stoker: error: \[E105\] --verify-lockfile: compiler.json: this is another build' err
absent D
# What the recorded program had and this one lacks.
sed 's/"glibc": /"newlib": "1", "glibc": /' mine.json >missing.json
run_fails 6 "$STOKER_BIN" lockfile verify -l missing.json
has out 'missing: libraries.newlib'
run_ok "$STOKER_BIN" lockfile verify -l missing.json --allow-missing
run_ok generate --verify-lockfile missing.json

# What is no manifest, and what makes no sense for one.
printf 'numpy==1.26.4\nmpi4py>=3\n' >requirements.txt
run_fails 6 generate --verify-lockfile requirements.txt
has err '\[E404\] --verify-lockfile: requirements.txt: a list of Python packages; expected the build manifest' 'hint: .*stoker manifest'
run_fails 3 generate --verify-lockfile none
has err '\[E401\] --verify-lockfile: none: '
for option in '--extra full' --hashes '--python-version 3.11' '--pyproject p.toml' --all; do
  # shellcheck disable=SC2086
  run_fails 2 "$STOKER_BIN" lockfile generate $option
  has err "${option%% *}: speaks of Python packages"
done

# A manifest that says nothing is not the same as every program.
echo '{"kind": "stoker build manifest"}' >nothing.json
run_fails 6 "$STOKER_BIN" lockfile verify -l nothing.json
has err 'manifest_version: found null, expected 1'
echo '{"kind": "stoker build manifest", "manifest_version": 1}' >nothing.json
run_fails 6 "$STOKER_BIN" lockfile verify -l nothing.json
has err "the group 'stoker' is not there"

# The standard options: those of the console hold, those of benchmarks are named, and what is not held back is refused.
run_ok "$STOKER_BIN" lockfile generate --debug --loops 3 --results-dir R
has err 'WARNING.*--loops has no effect on lockfile generate' '--results-dir has no effect'
rm stoker_manifest.json
run_fails 2 "$STOKER_BIN" lockfile generate --what-if
has err "E105\] --what-if: 'lockfile generate' runs no benchmark"
absent stoker_manifest.json
