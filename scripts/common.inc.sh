# Sourced by the scripts beside it: the repository's root, and stages that say what they do and how long it took.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=${0##*/}

say() { printf '%s: %s\n' "$script" "$*"; }

fail() {
  printf '%s: error: %s\n' "$script" "$*" >&2
  exit 1
}

stage_name=
stage_begin=0

# stage NAME: ends the stage before it and begins the next.
stage() {
  end_stage
  stage_name=$1
  stage_begin=$SECONDS
  printf '\n==> %s\n' "$stage_name"
}

end_stage() {
  if [[ -n $stage_name ]]; then
    printf '<== %s: %d s\n' "$stage_name" $((SECONDS - stage_begin))
  fi
  stage_name=
}

# Prints the usage lines of the calling script: the comment at its top.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }
