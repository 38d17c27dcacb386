# Control groups for tests; after common.inc.sh.

# make_group CONTROLLER FILE_OF_VERSION_2 FILE_OF_VERSION_1: a group of its own below the one that this process is in, so that its
# limits still hold. Sets `group` (its folder) and `limit` (which of the two files it has); ./in_group COMMAND... runs in it. False
# where none can be made, which is not for a test to change.
make_group() {
  local id controllers path mount candidate
  group=
  [[ $(id -u) == 0 ]] || return 1
  while IFS=: read -r id controllers path; do
    case $id:,$controllers, in
      0:,,) mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo) limit=$2 ;;
      *,"$1",*) mount=$(awk "/ - cgroup .*[ ,]$1(,|\$)/ { print \$5; exit }" /proc/self/mountinfo) limit=$3 ;;
      *) continue ;;
    esac
    [[ -n $mount && -w $mount$path ]] || continue
    candidate=$mount${path%/}/stoker-e2e-$1-$$
    mkdir "$candidate" 2>/dev/null || continue
    if [[ -w $candidate/$limit ]]; then
      group=$candidate
      break
    fi
    rmdir "$candidate"
  done </proc/self/cgroup
  [[ -n $group ]] || return 1
  at_end+=(remove_group)
  cat >in_group <<END
#!/bin/sh
echo \$\$ >"$group/cgroup.procs" || exit 9
exec "\$@"
END
  chmod +x in_group
}

# The kernel may take a moment to see that the last process has gone.
remove_group() {
  local tries
  for tries in {1..50}; do
    rmdir "$group" 2>/dev/null && return
    sleep 0.1
  done
}
