#!/usr/bin/env bash
# Publishes the native lpom for Linux on x86-64: OUT/lpom, for processors with AVX-512 (x86-64-v4), and OUT/lpom-v3, for
# those with AVX2 and FMA (x86-64-v3). Keep the two side by side and start lpom: it hands over to lpom-v3 where there is no
# AVX-512. A processor below x86-64-v3 gets one line that says so, and exit code 1.
#
#   eng/publish-aot.sh OUT [net10.0|net9.0]
#
# Without a framework, net10.0 is taken if its native compiler and pack can be restored, else net9.0.
# Needs the .NET 10 SDK, clang and zlib's headers (Debian: clang zlib1g-dev). With CI=true the committed lock files bind.
set -euo pipefail

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
}

[[ $# -ge 1 && $# -le 2 && ${1:0:1} != - ]] || usage
out=$1
framework=${2:-}
[[ -z $framework || $framework == net10.0 || $framework == net9.0 ]] || usage
[[ $(uname -sm) == 'Linux x86_64' ]] || { echo "publish-aot.sh: builds on Linux on x86-64 only, not on $(uname -sm)" >&2; exit 1; }
command -v clang >/dev/null || { echo 'publish-aot.sh: clang is missing (Debian: apt-get install clang zlib1g-dev)' >&2; exit 1; }

project=$(cd "$(dirname "$0")/.." && pwd)/src/Lpom.Cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

restore() {
  dotnet restore "$project" -p:LpomFramework="$1" -p:LpomInstructionSet=v3 >"$work/restore.log" 2>&1
}

if [[ -n $framework ]]; then
  restore "$framework" || { cat "$work/restore.log" >&2; exit 1; }
elif restore net10.0; then
  framework=net10.0
elif grep -q 'NU110[123]' "$work/restore.log"; then
  # A package or a version of it is not to be had; any other failure is one.
  echo "publish-aot.sh: the native pack of net10.0 cannot be restored; using net9.0" >&2
  framework=net9.0
  restore "$framework" || { cat "$work/restore.log" >&2; exit 1; }
else
  cat "$work/restore.log" >&2
  exit 1
fi

mkdir -p "$out"
for level in v4 v3; do
  dotnet publish "$project" -c Release --no-restore -p:LpomFramework="$framework" -p:LpomInstructionSet="$level" \
    -o "$work/$level" >"$work/$level.log" 2>&1 || { cat "$work/$level.log" >&2; exit 1; }
  name=lpom
  [[ $level == v4 ]] || name=lpom-$level
  install -m 755 "$work/$level/lpom" "$out/$name"
  echo "$out/$name: $framework, x86-64-$level, $(stat -c %s "$out/$name") bytes"
done
