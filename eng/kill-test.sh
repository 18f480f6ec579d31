#!/usr/bin/env bash
# Kills training at random instants and resumes it: the model must be that of a run that nobody disturbed, byte for byte.
# RUNS runs, an eighth for each method, and for each with steps so large that training diverges and goes on with smaller ones; each is
# killed by SIGKILL one to three times, in every second round with a checkpoint after each step, so that it is often killed while one is
# written; then it is resumed to its end.
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
exec_train() { # NAME MODEL [OPTION...]
  local name=$1 model=$2
  shift 2
  local -a options
  read -ra options <<<"${options_of[$name]}"
  exec "${lpom[@]}" train "${options[@]}" --layers 96-64 --epochs 8 --patience 8 --seed 3 --output "$model" "$@"
}

names=(lpom lpom-paper sgd adam lpom-diverging lpom-paper-diverging sgd-diverging adam-diverging)
declare -A options_of=(
  [lpom]="--method lpom"
  [lpom-paper]="--method lpom-paper"
  [sgd]="--method sgd"
  [adam]="--method adam"
  [lpom-diverging]="--method lpom --loss least-squares --mu 0.01 --lr 1e6"
  [lpom-paper-diverging]="--method lpom-paper --mu 0.01"
  [sgd-diverging]="--method sgd --lr 100"
  [adam-diverging]="--method adam --lr 10"
)
declare -A whole_ms
for name in "${names[@]}"; do
  train "$name" "$work/$name.safetensors" --json --quiet >"$work/results"
  if [[ $name = *-diverging ]] && ! grep -q '"event":"restart"' "$work/results"; then
    echo "kill-test.sh: $name does not diverge: it needs other options" >&2
    exit 1
  fi
  for every in 1steps 7steps; do
    start=$(now_ms)
    train "$name" "$work/model.safetensors" --quiet --checkpoint "$work/$name-$every" --checkpoint-every "$every" >/dev/null
    whole_ms[$name-$every]=$(($(now_ms) - start))
    cmp "$work/model.safetensors" "$work/$name.safetensors"
  done
done

# One to three times in a row; again from the beginning when the first signal came too late.
kill_some() { # NAME FOLDER EVERY
  local times=$((1 + RANDOM % 3)) killed=0 process delay
  while [[ $killed -lt $times ]]; do
    exec_train "$1" "$work/model.safetensors" --checkpoint "$2" --checkpoint-every "$3" --resume --quiet >/dev/null 2>"$work/errors" &
    process=$!
    delay=$((RANDOM * whole_ms[$1-$3] / 32768))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
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

same=0 kills=0 failed=0
for ((run = 0; run < runs; run++)); do
  name=${names[run % 8]}
  every=$(((run / 8) % 2 ? 7 : 1))steps
  folder=$work/run
  rm -rf "$folder" "$work/model.safetensors"
  kill_some "$name" "$folder" "$every"
  if ! train "$name" "$work/model.safetensors" --checkpoint "$folder" --checkpoint-every 50steps --resume --quiet >/dev/null 2>"$work/errors"; then
    failed=$((failed + 1))
    echo "run $run, $name: resuming failed: $(cat "$work/errors")" >&2
  elif cmp -s "$work/model.safetensors" "$work/$name.safetensors"; then
    same=$((same + 1))
  else
    failed=$((failed + 1))
    echo "run $run, $name: another model" >&2
  fi
done
echo "$runs runs, $kills kills, seed $SEED: $same models the same, $failed not"
[[ $failed = 0 ]]
