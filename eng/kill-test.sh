#!/usr/bin/env bash
# Kills training at random instants and resumes it: the model must be that of a run that nobody disturbed, byte for byte.
# RUNS runs, a quarter for each method; each is killed by SIGKILL one to three times, in every second run with a checkpoint after
# each step, so that it is often killed while one is written; then it is resumed to its end.
#
#   eng/kill-test.sh [RUNS [LPOM]]      RUNS: 200; LPOM: the lpom to test, e.g. one made by publish-aot.sh; else it is built for dotnet
#
# Exit code 1 when a model differs or a resumed run fails. SEED=N repeats the instants of a run before.
set -euo pipefail

runs=${1:-200}
[[ $# -le 2 && $runs =~ ^[1-9][0-9]*$ ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
eng=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RANDOM=${SEED:=$((RANDOM % 32768))}

if [[ $# = 2 ]]; then
  lpom=("$2")
else
  dotnet build "$eng/../src/Lpom.Cli" -c Release -f net10.0 -v quiet >"$work/log" || { cat "$work/log" >&2; exit 1; }
  lpom=(dotnet "$eng/../src/Lpom.Cli/bin/Release/net10.0/lpom.dll")
fi

now_ms() { echo $(($(date +%s%N) / 1000000)); }

train() { (exec_train "$@"); }

# In place of the shell, so that a signal reaches lpom itself.
exec_train() { # METHOD MODEL [OPTION...]
  local method=$1 model=$2
  shift 2
  exec "${lpom[@]}" train --method "$method" --layers 96-64 --epochs 8 --patience 8 --seed 3 --quiet --output "$model" "$@"
}

declare -A whole_ms
for method in lpom lpom-paper sgd adam; do
  train "$method" "$work/$method.safetensors" >/dev/null
  for every in 1steps 7steps; do
    start=$(now_ms)
    train "$method" "$work/model.safetensors" --checkpoint "$work/$method-$every" --checkpoint-every "$every" >/dev/null
    whole_ms[$method-$every]=$(($(now_ms) - start))
    cmp "$work/model.safetensors" "$work/$method.safetensors"
  done
done

# One to three times in a row; again from the beginning when the first signal came too late.
kill_some() { # METHOD FOLDER EVERY
  local times=$((1 + RANDOM % 3)) killed=0 process
  while [[ $killed -lt $times ]]; do
    exec_train "$1" "$work/model.safetensors" --checkpoint "$2" --checkpoint-every "$3" --resume >/dev/null 2>"$work/errors" &
    process=$!
    sleep "$(printf '0.%03d' $((RANDOM * whole_ms[$1-$3] / 32768 % 1000)))"
    if kill -KILL "$process" 2>/dev/null; then killed=$((killed + 1)); fi
    wait "$process" 2>/dev/null || true
    if [[ -e $work/model.safetensors ]]; then
      # The run is over: nothing is left to kill.
      if [[ $killed -gt 0 ]]; then break; fi
      rm -rf "$2" "$work/model.safetensors"
    fi
  done
  kills=$((kills + killed))
}

methods=(lpom lpom-paper sgd adam) same=0 kills=0 failed=0
for ((run = 0; run < runs; run++)); do
  method=${methods[run % 4]}
  every=$(((run / 4) % 2 ? 7 : 1))steps
  folder=$work/run
  rm -rf "$folder" "$work/model.safetensors"
  kill_some "$method" "$folder" "$every"
  if ! train "$method" "$work/model.safetensors" --checkpoint "$folder" --checkpoint-every 50steps --resume >/dev/null 2>"$work/errors"; then
    failed=$((failed + 1))
    echo "run $run, $method: resuming failed: $(cat "$work/errors")" >&2
  elif cmp -s "$work/model.safetensors" "$work/$method.safetensors"; then
    same=$((same + 1))
  else
    failed=$((failed + 1))
    echo "run $run, $method: another model" >&2
  fi
done
echo "$runs runs, $kills kills, seed $SEED: $same models the same, $failed not"
[[ $failed = 0 ]]
