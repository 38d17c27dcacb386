# docs/faults.md names tests: each of them is there.
. "$(dirname "$0")/common.inc.sh"
cd "$STOKER_SOURCE_DIR"
named=$(grep -oE '`[A-Za-z0-9]+\.[A-Za-z0-9_]+`' docs/faults.md | tr -d '`' | grep -vE '^(docs|metric)\.' | sort -u)
(($(wc -l <<<"$named") > 60)) || fail "only $(wc -l <<<"$named") tests are named"
for test in $named; do
  name=${test#*.}
  if [[ $test == e2e.* ]]; then
    exists "tests/e2e/$name.sh"
    has tests/e2e/CMakeLists.txt "(stoker_e2e_test\\(| ITEMS (.* )?)$name( |\\))"
  elif [[ $test == compat.* ]]; then
    exists "tests/compat/$name.py"
    has tests/compat/CMakeLists.txt "stoker_compat_test\($name\)"
  else
    grep -rqE --include='*_test.cc' "^TEST(_F|_P)?\(${test%.*}, $name\)" src || fail "there is no test $test"
  fi
done
# Rows without a test are claims.
while IFS= read -r row; do
  [[ $row =~ \`[A-Za-z0-9]+\.[A-Za-z0-9_]+\`\ \|$ ]] || fail "no test in: $row"
done < <(grep -E '^\| ' docs/faults.md | grep -vE '^\| (\| )?(the reference|question) \|')
# The engine's faults are numbered, and none is left out.
equal "$(grep -oE '^\| [0-9]+ \|' docs/faults.md | tr -dc '0-9\n' | tr '\n' ' ')" "$(seq -s ' ' 50) "
