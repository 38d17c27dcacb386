# For tests that delete: a mount namespace of their own in which everything is read-only but the folders `box` and `results`
# of the test, each a small file system in memory.
#
#   . common.inc.sh; . box.inc.sh; cat >inside <<'END' ... END; run_in_box
#
# `inside` is run by bash in the namespace, with $box and $out (results) set and `set -euo pipefail`.
for tool in unshare mount findmnt; do command -v $tool >/dev/null || skip "there is no '$tool'"; done
new=(unshare --mount)
[[ $(id -u) == 0 ]] || new=(unshare --user --map-root-user --mount)
"${new[@]}" true 2>/dev/null || skip 'mount namespaces cannot be made here'
mkdir box results

cat >enter <<'END'
set -euo pipefail
work=$1
mount --make-rprivate / 2>/dev/null || exit 70
for folder in box results; do mount -t tmpfs none "$work/$folder" || exit 70; done
while read -r target type; do
  case $target in "$work"/box | "$work"/results) continue ;; esac
  # What holds no files of anybody need not be made read-only, and cannot be everywhere.
  case $type in proc | sysfs | cgroup* | devpts | mqueue | securityfs | bpf | tracefs | debugfs | configfs | fusectl | pstore | efivarfs | autofs | binfmt_misc | hugetlbfs | nsfs) continue ;; esac
  flags=$(findmnt -n -o VFS-OPTIONS --target "$target" | tail -n 1 | sed -E 's/(^|,)(rw|ro|relatime)//g; s/^,//')
  mount -o "remount,bind,ro${flags:+,$flags}" "$target" 2>/dev/null || { echo "$target cannot be made read-only" >&2; exit 70; }
done < <(findmnt -r -n -o TARGET,FSTYPE)
if touch "$work/probe" 2>/dev/null || touch /probe 2>/dev/null; then echo 'not everything is read-only' >&2; exit 70; fi
box=$work/box
out=$work/results
. "$work/inside"
END

run_in_box() {
  run "${new[@]}" bash enter "$work"
  [[ $rc != 70 ]] || skip "$(tail -n 1 err)"
  [[ $rc == 0 ]] || fail "exit code $rc"
}
