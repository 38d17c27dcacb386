# For scripts that bound the peak memory of the program.
timer=$(type -P time) || skip "the program 'time' is not installed"

needs_space() {
  local free
  free=$(df --output=avail -B1G "$work" | tail -n 1)
  [[ $free -ge $1 ]] || skip "$free GiB free in $work, $1 needed"
}

# peak_below MIB COMMAND...
peak_below() {
  local most=$1 peak
  shift
  run_ok "$timer" -o peak -f %M "$@"
  peak=$(($(tail -n 1 peak) / 1024))
  echo "peak memory $peak MiB, expected less than $most MiB"
  [[ $peak -lt $most ]] || fail "peak memory $peak MiB, expected less than $most MiB"
}
