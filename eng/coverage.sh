#!/usr/bin/env bash
# Counts which lines of src the tests run, those of the command line's own processes included: ten minutes. It works on a copy of what is
# committed, built so that lines can be counted, and leaves OUT/lines.cobertura.xml for a viewer.
#
# One test of the command line fails while lines are counted, because what it looks at is changed by it: that of the machine code
# (MicroKernelCodeTests).
#
#   eng/coverage.sh [OUT]      OUT: an empty or new folder; a temporary one
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
out=$(realpath -m "${1:-$(mktemp -d)}")
mkdir -p "$out"

git clone -q "$root" "$copy/lpom"
cd "$copy/lpom"
# Without PathMap: the counter looks for the sources.
dotnet build Lpom.sln -c Release -v quiet -p:PathMap= -p:Deterministic=false -p:RunAnalyzers=false
dotnet restore eng/coverage.proj -v quiet

measure() { # PROJECT PROGRAM IS-PROGRAM
  dotnet msbuild eng/coverage.proj -v:quiet -t:Measure -p:Tests="$PWD/tests/$1" -p:Program="$PWD/$2" -p:IncludeProgram="$3" -p:Out="$out"
}
for project in Data Simd Bench Native; do
  measure "Lpom.$project.Tests" "tests/Lpom.$project.Tests/bin/Release/net10.0/Lpom.$project.Tests.dll" false
done
measure Lpom.Cli.Tests src/Lpom.Cli/bin/Release/net10.0/lpom.dll true

awk -F'"' '/<coverage /  { for (i = 1; i < NF; i++) if ($i ~ /line-rate=$/) printf "all of src %.1f %%\n", 100 * $(i + 1) }
           /<package /   { for (i = 1; i < NF; i++) { if ($i ~ / name=$/) name = $(i + 1); if ($i ~ /line-rate=$/) printf "%-12s %.1f %%\n", name, 100 * $(i + 1) } }' "$out/lines.cobertura.xml"
echo "$out/lines.cobertura.xml"
