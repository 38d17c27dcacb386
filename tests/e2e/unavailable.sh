# What this version does not have is refused by its name, with whatever options mlpstorage has for it, and leaves nothing behind.
. "$(dirname "$0")/common.inc.sh"

# refused NAME ARGUMENT...
refused() {
  local name=$1
  shift
  run_fails 6 "$STOKER_BIN" "$@"
  times 1 'stoker: error: ' err
  has err "^stoker: error: \[E902\] '$name' is not available in this version of stoker$" "hint: 'stoker .*--help' lists what is"
  [[ ! -s out ]] || fail 'a refusal went to stdout'
  equal "$(find . -mindepth 1 -maxdepth 1 ! -name out ! -name err ! -name home)" '' 'left behind'
}
refused 'kvcache run' kvcache run
# An autoscaler that mlpstorage offers and its engine does not know.
refused 'kvcache run' kvcache run --model llama3.1-8b --num-users 20 --duration 60 --generation-mode fast --enable-autoscaling \
  --autoscaler-mode predictive --enable-rag --rag-num-docs 4 --seed 42 --cache-dir C --results-dir R
refused vectordb vectordb
for command in datasize datagen run; do
  refused vectordb vectordb $command --host 127.0.0.1 --port 19530 --collection c --queries 10 --results-dir R
done

# The part that is there needs nothing of the other: where it puts its results is defined, twice in a second too.
run_ok "$STOKER_BIN" kvcache datasize --model llama2-7b --results-dir R --loops 2
equal "$(find R/kv_cache/llama2-7b/datasize -name 'kv_cache_*_metadata.json' | wc -l)" 2
has "$(find R -name '*_metadata.json' | head -1)" '"benchmark_type": "kv_cache"' '"num_users": 100' '"kvcache_model": "llama2-7b"'
run_ok "$STOKER_BIN" reports reportgen --results-dir R
has out '^Runs: 0$' '^Sizes and data sets: nothing to judge$' '^  - kv_cache_datasize_llama2-7b_[0-9_]+$'
lacks out 'Processing errors'
