# Whatever stops a command stops all of it, whichever phase it is in. See one_way_down.py.
. "$(dirname "$0")/common.inc.sh"
python3 "$here/one_way_down.py" "$work/cells" || fail 'see above'
