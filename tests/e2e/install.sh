# An installed tree runs on its own: Arrow's libraries and the MPI module come along, and it may be moved.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_CMAKE" --install "$STOKER_BUILD_DIR" --prefix "$work/first"
mv first "second place"
program="$work/second place/bin/stoker"
exists "$program" "second place/bin/dlio_benchmark" "second place/share/stoker/configs/workload/unet3d_h100.yaml"
# The README's links lead somewhere.
doc=$(dirname "$(find "second place/share" -name README.md)")
while read -r link; do exists "$doc/$link"; done < <(grep -oE '\(docs/[a-zA-Z-]+\.md' "$doc/README.md" | tr -d '(' | sort -u)
unset STOKER_MPI_MODULE LD_LIBRARY_PATH
if compgen -G 'second place/lib*/stoker/libarrow.so*' >/dev/null; then
  run_ok readelf -d "$program"
  has out 'R(UN)?PATH.*\[\$ORIGIN/'
  lacks out "R(UN)?PATH.*$STOKER_BUILD_DIR" 'R(UN)?PATH.*pyarrow'
  run_ok ldd "$program"
  has out 'libarrow.so[^ ]* => .*second place/'  'libparquet.so[^ ]* => .*second place/'
  lacks out 'not found'
fi
run_ok env -i PATH="$PATH" HOME="$work" "$program" --version
STOKER_BIN=$program
run_ok small ++workload.dataset.compression=zstd --ranks 2
check_results run 2
rm -rf run
run_ok "$work/second place/bin/dlio_benchmark" --config-dir "$here/configs" workload=small ++hydra.run.dir=run \
  ++workload.dataset.data_folder=data ++workload.dataset.compression=zstd
if [[ -n ${STOKER_MPIRUN:-} ]]; then
  rm -rf run
  run_ok mpi_small 2 ++workload.workflow.generate_data=False
  check_results run 2
fi
