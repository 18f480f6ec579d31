#!/usr/bin/env bash
# Measures epochs of training alone and over one and two ranks, and between them the constants of the machine, for the check of the cost
# model in docs/scaling.md: lines of JSON, for 'dotnet run -c Release --project src/Lpom.Bench -- scaling --runs OUT.jsonl'.
#
#   eng/scaling-runs.sh LPOM DATA_DIR OUT.jsonl [LAYERS...]
#
# LPOM: the native binary that publish-aot.sh makes; DATA_DIR: the folder with MNIST's files. A run is two epochs on one thread, and an
# epoch's time is the difference of their 'seconds', without the start. Of networks below a million weights a line is the median of three.
# What OUT.jsonl has is kept, and of runs that are repeated in it the medians are taken.
# MPIRUN names the mpirun, MPIRUN_OPTIONS what it takes besides; RANKS the numbers of ranks, "1 2"; SCHEMES how ranks share a step, "units
# layers", the latter on two ranks or more. About a quarter of an hour on two idle processors; other work on them is in the figures.
set -euo pipefail

[[ $# -ge 3 ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
lpom=$1 data=$2 out=$3
shift 3
networks=("$@")
if [[ $# = 0 ]]; then
  networks=(784-300-10 784-1024-1024-10 784-2048-2048-2048-10 784-256-256-256-256-256-256-256-256-10)
fi
batch=100 rows=60000
read -ra schemes <<<"${SCHEMES:-units layers}"
for scheme in "${schemes[@]}"; do
  case $scheme in units | layers) ;; *) echo "$0: scheme '$scheme' is not units or layers" >&2 && exit 2 ;; esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mpirun=("${MPIRUN:-mpirun}")
# Open MPI does not start for root unless told to.
if [[ $(id -u) = 0 ]] && "${mpirun[0]}" --version 2>/dev/null | grep -qi 'open mpi\|openrte'; then mpirun+=(--allow-run-as-root); fi
read -ra more <<<"${MPIRUN_OPTIONS:-}"
mpirun+=("${more[@]}")

weights_of() { # LAYERS
  local -a widths
  IFS=- read -ra widths <<<"$1"
  local sum=0 i
  for ((i = 1; i < ${#widths[@]}; i++)); do sum=$((sum + widths[i - 1] * widths[i])); done
  echo "$sum"
}

seconds_of_epoch() { # LAYERS [COMMAND...]: of the second of two
  local layers=$1
  shift
  "$@" train --data mnist --data-dir "$data" --layers "$layers" --batch "$batch" --epochs 2 --threads 1 --json --quiet \
    --output "$work/model.safetensors" "${distributed[@]}" >"$work/lines"
  grep -o '"event":"epoch","epoch":[12],"seconds":[0-9.]*' "$work/lines" |
    awk -F: '{ s[NR] = $NF } END { if (NR != 2) exit 1; printf "%.4f\n", s[2] - s[1] }'
}

measure() { # LAYERS RANKS SCHEME [COMMAND...]
  local layers=$1 ranks=$2 scheme=$3 repeats=1 seconds
  shift 3
  if [[ $(weights_of "$layers") -lt 1000000 ]]; then repeats=3; fi
  for ((i = 0; i < repeats; i++)); do seconds_of_epoch "$layers" "$@"; done >"$work/seconds"
  seconds=$(sort -n "$work/seconds" | sed -n "$(((repeats + 1) / 2))p")
  printf '{"layers":"%s","batch":%d,"rows":%d,"ranks":%d,"threads":1,"secondsPerEpoch":%s,"scheme":"%s"}\n' \
    "$layers" "$batch" "$rows" "$ranks" "$seconds" "$scheme" | tee -a "$work/runs"
}

bench=$(dirname "$0")/../src/Lpom.Bench
dotnet build "$bench" -c Release -v quiet >"$work/build" || { cat "$work/build" >&2; exit 1; }
ranks_of_runs=${RANKS:-1 2}
# Of one rank always, as the run alone is of one.
measured_ranks=$(printf '%s\n' 1 $ranks_of_runs | sort -nu | paste -sd,)
constants() { dotnet run -c Release --no-build --project "$bench" -- scaling --measure "$measured_ranks" | tee -a "$work/runs"; }

for layers in "${networks[@]}"; do
  constants
  distributed=()
  measure "$layers" 1 alone "$lpom"
  for scheme in "${schemes[@]}"; do
    distributed=(--distributed mpi)
    if [[ $scheme = layers ]]; then distributed=(--distributed mpi-layers); fi
    for ranks in $ranks_of_runs; do
      # One rank with all layers is the run alone.
      if [[ $scheme = layers && $ranks = 1 ]]; then continue; fi
      measure "$layers" "$ranks" "$scheme" "${mpirun[@]}" -np "$ranks" "$lpom"
    done
  done
done
constants
cat "$work/runs" >>"$out"
