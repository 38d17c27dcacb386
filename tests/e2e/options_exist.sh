# Every option of stoker's that a message or a document of its command line names is there: in the help of some command.
. "$(dirname "$0")/common.inc.sh"
cd "$STOKER_SOURCE_DIR"
options() { grep -oE -e '--[a-z][a-z-]+' | sort -u; }

# The help of a command and of all that are below it.
help_of() {
  local text name
  text=$("$STOKER_BIN" "$@" --help)
  echo "$text"
  # dlio and host-facts have a help of their own, without commands below.
  for name in $(sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' <<<"$text"); do help_of "$@" "$name"; done
}
help_of | options >"$work/known"
(($(wc -l <"$work/known") > 60)) || fail "only $(wc -l <"$work/known") options in all helps"
# Of the launchers and of what they start; and the one that stands for any.
printf '%s\n' --bind-to --map-by --mpi --pmi --prefix --option >>"$work/known"
sort -u -o "$work/known" "$work/known"

unknown() { comm -13 "$work/known" - >"$work/unknown"; [[ ! -s $work/unknown ]] || fail "$1 name options that are not there: $(tr '\n' ' ' <"$work/unknown")"; }
grep -rhE --include='*.cc' --include='*.h' --exclude='*_test.cc' --exclude-dir=testing -o '"[^"]*--[a-z][^"]*"' src | options >"$work/named"
(($(wc -l <"$work/named") > 60)) || fail "only $(wc -l <"$work/named") options in the sources"
unknown 'messages' <"$work/named"
cat docs/commands.md docs/rules.md | options | unknown 'documents'
