#!/usr/bin/env bash
# Trains over MPI, with each of Open MPI and MPICH that is installed: ranks that divide units have the same weights and nearly the accuracy
# of one process, ranks that divide layers those of one process with as many blocks; a step allocates nothing, a rank that is lost ends
# the job, and the run goes on: with another number of ranks where they divide units, else to the same weights.
#
#   eng/check-mpi.sh LPOM     LPOM: the native binary
set -euo pipefail
lpom=$(realpath "${1:?usage: eng/check-mpi.sh LPOM}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# A rank that waits looks for messages all the time, beside whatever else is running.
export OMPI_MCA_mpi_yield_when_idle=1
# Wide enough for the ranks to divide.
network=(train --layers 300-300 --threads 1 --quiet)
tested=0

fail() { echo "check-mpi: $*" >&2; exit 1; }
accuracy() { sed -n 's/.*"event":"done".*"testAccuracy":\([0-9.]*\).*/\1/p' "$1"; }
near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && a - b < 0.01 && b - a < 0.01) }'; }
digests() { grep -o '"digest":"[0-9a-f]*"' "$1"; }
check_done() { # name log accuracy: ends with a model, no bytes a step, the accuracy of one process
  grep -q '"allocatedBytesPerStep":0[,}]' "$2" || fail "$1: a step allocates, or the run did not end: $(tail -n 3 "$2")"
  near "$(accuracy "$2")" "$3" || fail "$1: accuracy $(accuracy "$2"), alone $3"
}
over() { # RANKS ARGUMENTS...: lpom on so many ranks
  local ranks=$1
  shift
  "${run[@]}" -np "$ranks" "$lpom" "${network[@]}" "$@" 2> "$work/errors" || fail "$launcher, $ranks ranks, $*: $(cat "$work/errors")"
}
lose_a_rank() { # MODE RANKS RANKS_AFTER: the run goes on to its end, in $work/resumed
  local checkpointed=(--epochs 150 --checkpoint "$work/run" --checkpoint-every 50steps --distributed "$1" --output "$work/lost.safetensors") code=0
  timeout 120 "${run[@]}" -np "$2" "$lpom" "${network[@]}" "${checkpointed[@]}" > "$work/lost" 2>&1 & job=$!
  for _ in $(seq 200); do [ -n "$(ls "$work/run" 2> /dev/null | grep -v lock)" ] && break; sleep 0.1; done
  sleep 0.3
  pkill -KILL -n -f "$work/lost.safetensors" || fail "$launcher: there is no rank to lose: $(cat "$work/lost")"
  wait $job || code=$?
  [ "$code" != 0 ] && [ "$code" != 124 ] || fail "$launcher: after a lost rank the job ended with $code"
  echo "$launcher: exit code after a lost rank $code; says: $(grep -m 1 '^lpom' "$work/lost" || grep -m 1 -iE 'signal|terminat' "$work/lost")"
  over "$3" "${checkpointed[@]}" --resume --json > "$work/resumed"
  grep -q '"resumedAfterStep"' "$work/resumed" || fail "$launcher: the run began anew"
  rm -rf "$work/run"
}

"$lpom" "${network[@]}" --epochs 5 --json --output "$work/model" > "$work/alone"
alone=$(accuracy "$work/alone")
"$lpom" "${network[@]}" --epochs 150 --json --output "$work/model" > "$work/long"
long=$(accuracy "$work/long")
"$lpom" "${network[@]}" --epochs 20 --json --parallel sync --output "$work/model" > "$work/blocks"

for launcher in mpirun.openmpi mpirun.mpich; do
  command -v "$launcher" > /dev/null || continue
  run=("$launcher"); [ "$launcher" = mpirun.openmpi ] && run+=(--oversubscribe)
  for ranks in 1 2 3; do
    over "$ranks" --epochs 5 --json --distributed mpi --output "$work/model" > "$work/$ranks"
    check_done "$launcher, $ranks ranks" "$work/$ranks" "$alone"
  done
  over 3 --epochs 5 --json --distributed mpi --output "$work/model" > "$work/again"
  [ "$(digests "$work/3")" = "$(digests "$work/again")" ] || fail "$launcher: three ranks, run again, have other weights"
  lose_a_rank mpi 3 2
  check_done "$launcher, resumed with two ranks" "$work/resumed" "$long"
  echo "$launcher: accuracy alone $alone; 1, 2, 3 ranks $(accuracy "$work/1") $(accuracy "$work/2") $(accuracy "$work/3"); resumed $(accuracy "$work/resumed"), alone as long $long"

  over 2 --epochs 20 --json --distributed mpi-layers --output "$work/model" > "$work/layers"
  check_done "$launcher, two blocks of layers" "$work/layers" "$(accuracy "$work/blocks")"
  [ "$(accuracy "$work/layers")" = "$(accuracy "$work/blocks")" ] || fail "$launcher: two ranks with blocks of layers have accuracy $(accuracy "$work/layers"), one process with two $(accuracy "$work/blocks")"
  over 3 --epochs 1 --json --distributed mpi-layers --output "$work/model" > "$work/layers"
  grep -q '"allocatedBytesPerStep":0[,}]' "$work/layers" || fail "$launcher, three blocks of layers: a step allocates: $(tail -n 1 "$work/layers")"
  over 3 --task autoencode --epochs 5 --average 0.3 --validation 100 --patience 3 --json --distributed mpi-layers --output "$work/model" > "$work/layers"
  [ "$("$lpom" eval "$work/model" --json | grep -o '"mse":[0-9.]*')" = "$(grep -o '"testMse":[0-9.]*' "$work/layers" | tail -n 1 | sed s/testMse/mse/)" ] ||
    fail "$launcher: the blocks of an autoencoder and their whole have other errors: $("$lpom" eval "$work/model" --json), $(tail -n 1 "$work/layers")"
  over 2 --epochs 150 --json --distributed mpi-layers --output "$work/model" > "$work/layers"
  lose_a_rank mpi-layers 2 2
  [ "$(digests "$work/layers" | tail -n 1)" = "$(digests "$work/resumed" | tail -n 1)" ] || fail "$launcher: a resumed run of two blocks of layers has other weights"
  if "${run[@]}" -np 4 "$lpom" "${network[@]}" --distributed mpi-layers --output "$work/model" > "$work/many" 2>&1; then fail "$launcher: more ranks than layers"; fi
  grep -q "4 ranks cannot divide 3 layers" "$work/many" || fail "$launcher, more ranks than layers: $(head -n 3 "$work/many")"
  tested=$((tested + 1))
  echo "$launcher: two ranks with blocks of layers: accuracy $(accuracy "$work/layers") after 150 epochs, resumed with the same weights"
done
[ "$tested" -gt 0 ] || fail "neither mpirun.openmpi nor mpirun.mpich is installed"

# A launcher whose library is not the one that is loaded: each process would train alone.
if command -v mpirun.mpich > /dev/null && command -v mpirun.openmpi > /dev/null; then
  if LPOM_MPI=libmpi.so.40 mpirun.mpich -np 2 "$lpom" "${network[@]}" --distributed mpi --output "$work/wrong" > "$work/wrong.log" 2>&1; then fail "the wrong launcher was not noticed"; fi
  grep -q 'do not belong together' "$work/wrong.log" || fail "the wrong launcher: $(head -n 3 "$work/wrong.log")"
fi
echo "check-mpi: $tested MPI libraries passed"
