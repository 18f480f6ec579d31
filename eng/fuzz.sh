#!/usr/bin/env bash
# Feeds every reader of files from outside with what is nearly right, for hours if need be: each input must be read or refused with the
# reader's own exception, soon, and with memory that is a small multiple of the file. What is not goes to the folder 'crashes', also when
# it never ends or ends the process. A crash that is mended is kept as tests/Lpom.Fuzz/Corpus/READER/NAME, which is run each time.
#
#   eng/fuzz.sh [SECONDS [OPTION...]]      SECONDS: 3600, divided among the readers; OPTION: of tests/Lpom.Fuzz, e.g. --reader npz --seed 7
set -euo pipefail

seconds=${1:-3600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
shift $(($# > 0))
project=$(cd "$(dirname "$0")/../tests/Lpom.Fuzz" && pwd)
dotnet build "$project" -c Release -v quiet
scratch=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
dotnet "$project/bin/Release/net10.0/Lpom.Fuzz.dll" --seconds "$seconds" --corpus "$project/Corpus" --scratch "$scratch" "$@" || status=$?
# The input that was being read is left behind by a process that died.
if [[ $status -gt 2 && -n $(ls "$scratch") ]]; then
  mkdir -p crashes
  cp "$scratch"/* crashes
  echo "fuzz.sh: the process died (exit code $status); its input: $(cd "$scratch" && ls | sed 's|^|crashes/|')" >&2
fi
exit "$status"
