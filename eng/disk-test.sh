#!/usr/bin/env bash
# Trains while the disk fills up, the folder of the model or of the checkpoints vanishes, or turns read-only: training goes on, what was
# good stays, the model is put elsewhere, and the exit code is 1 when it is not where it was to be. Needs root, for small file systems.
#
#   eng/disk-test.sh [LPOM]      LPOM: the lpom to test, e.g. one made by publish-aot.sh; else it is built for dotnet
set -euo pipefail

[[ $# -le 1 && ${1:-} != -* ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
[[ $(id -u) = 0 ]] || { echo "disk-test.sh: needs root, to mount small file systems" >&2; exit 2; }
eng=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
mkdir "$work/temporary" "$work/disk"
trap 'umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT

if [[ $# = 1 ]]; then
  lpom=("$1")
else
  dotnet build "$eng/../src/Lpom.Cli" -c Release -f net10.0 -v quiet >"$work/log" || { cat "$work/log" >&2; exit 1; }
  lpom=(dotnet "$eng/../src/Lpom.Cli/bin/Release/net10.0/lpom.dll")
fi
# Of lpom alone: what builds it leaves folders there.
export TMPDIR=$work/temporary
disk=$work/disk passed=0 failed=0

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what" >&2; cat "$work/errors" >&2; fi
}

# Starts training in the background, with its start line read; EPOCHS decide how long it takes.
train() { # [OPTION...]
  "${lpom[@]}" train --layers 64 --seed 2 --json --quiet "$@" >"$work/results" 2>"$work/errors" &
  process=$!
  while ! grep -q '"event":"epoch"' "$work/results"; do
    kill -0 "$process" 2>/dev/null || { cat "$work/errors" >&2; exit 1; }
    sleep 0.02
  done
}

finish() { status=0; wait "$process" || status=$?; }

fill() { dd if=/dev/zero of="$disk/full" bs=4k 2>/dev/null || true; }

exited() { [[ $status = "$1" ]]; }

said() { grep -q "$1" "$work/errors"; }

is_model() { "${lpom[@]}" eval "$1" >/dev/null; }

elsewhere() { is_model "$(grep -o "$TMPDIR/[^ ]*safetensors" "$work/errors")"; }

echo "A disk that fills up, with a good model and a checkpoint on it"
mount -t tmpfs -o size=600k tmpfs "$disk"
"${lpom[@]}" train --layers 64 --epochs 1 --quiet --output "$disk/model.safetensors" >/dev/null
cp "$disk/model.safetensors" "$work/good"
train --epochs 2000 --output "$disk/model.safetensors" --checkpoint "$disk/run" --checkpoint-every 200steps
while [[ ! -e $disk/run/checkpoint.lpom ]]; do sleep 0.01; done
fill
finish
check "the exit code is 1" exited 1
check "the failed checkpoint is told" said 'the checkpoint cannot be written, training goes on: .*[Nn]o space'
check "the failed model is told" said 'the model cannot be written'
check "the model is elsewhere" elsewhere
check "the model before is whole" cmp "$disk/model.safetensors" "$work/good"
rm "$disk/full"
check "the checkpoint that was good resumes" "${lpom[@]}" train --layers 64 --seed 2 --epochs 2000 --quiet --output "$disk/model.safetensors" --checkpoint "$disk/run" --resume --json >/dev/null
check "its model is the one put elsewhere" cmp "$disk/model.safetensors" "$(ls "$TMPDIR"/*.safetensors)"
umount "$disk"
rm -f "$TMPDIR"/*

echo "The model's folder vanishes"
mkdir "$work/gone"
train --epochs 300 --output "$work/gone/model.safetensors"
rm -r "$work/gone"
finish
check "the exit code is 1" exited 1
check "the model is elsewhere" elsewhere
rm -f "$TMPDIR"/*

echo "The checkpoints' folder vanishes"
train --epochs 300 --output "$work/model.safetensors" --checkpoint "$work/run" --checkpoint-every 20steps
mv "$work/run" "$work/away"
finish
check "the exit code is 0" exited 0
check "the model is there" is_model "$work/model.safetensors"
check "checkpoints are written again" test -e "$work/run/checkpoint.lpom"

echo "The file system turns read-only"
mount -t tmpfs -o size=4m tmpfs "$disk"
train --epochs 1000 --output "$disk/model.safetensors"
while ! mount -o remount,ro "$disk" 2>/dev/null; do sleep 0.01; done
finish
check "the exit code is 1" exited 1
check "the model is elsewhere" elsewhere
rm -f "$TMPDIR"/*

echo "No disk takes the model"
mount -o remount,rw "$disk"
train --epochs 1000 --output "$disk/model.safetensors"
# A runtime keeps its diagnostic sockets there.
rm -rf "$TMPDIR"
fill
finish
check "the exit code is 1" exited 1
check "the failed model is told" said 'the model cannot be written'
check "nothing half written is left" test ! -e "$disk/model.safetensors"

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
