#!/usr/bin/env bash
# Feeds every reader of files from outside with what is nearly right, for hours if need be: each input must be read or refused with the
# reader's own exception, within a second and with at most ten times the file's memory. What is not goes to the folder 'crashes'.
#
#   eng/fuzz.sh [SECONDS [OPTION...]]      SECONDS: 3600, divided among the readers; OPTION: of tests/Lpom.Fuzz, e.g. --reader npz --seed 7
set -euo pipefail

seconds=${1:-3600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
shift $(($# > 0))
project=$(cd "$(dirname "$0")/../tests/Lpom.Fuzz" && pwd)
dotnet build "$project" -c Release -v quiet
exec dotnet "$project/bin/Release/net10.0/Lpom.Fuzz.dll" --seconds "$seconds" "$@"
