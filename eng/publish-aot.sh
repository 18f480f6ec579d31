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
here=$(cd "$(dirname "$0")" && pwd)
project=$here/../src/Lpom.Cli
script=publish-aot.sh
# shellcheck source=native-images.sh
source "$here/native-images.sh"

choose_framework "$project" "$framework"
mkdir -p "$out"
publish_image "$project" v4 lpom 755 "$out/lpom"
publish_image "$project" v3 lpom 755 "$out/lpom-v3"
