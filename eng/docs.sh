#!/usr/bin/env bash
# Makes the documentation site: docs/ and what it links to, the options of the command line and the API of the libraries, as static pages
# that need no server and no JavaScript. A link that leads nowhere is an error.
#
#   eng/docs.sh OUT      then open OUT/index.html
set -euo pipefail

[[ $# = 1 && ${1:0:1} != - ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet build "$root/src/Lpom.Docs" -c Release -v quiet >&2
exec dotnet "$root/src/Lpom.Docs/bin/Release/net10.0/Lpom.Docs.dll" "$root" "$1"
