#!/usr/bin/env bash
# Publishes the C library for Linux on x86-64: OUT/liblpom.so, which programs link, OUT/lpom.h, and the images that liblpom.so chooses
# from when it is first called: liblpom-v4.so, for processors with AVX-512 (x86-64-v4), and liblpom-v3.so, for those with AVX2 and FMA
# (x86-64-v3). Keep the three libraries side by side; liblpom-v4.so may be left out.
#
#   eng/publish-c.sh OUT [net10.0|net9.0]
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
project=$here/../src/Lpom.Native
script=publish-c.sh
# shellcheck source=native-images.sh
source "$here/native-images.sh"

choose_framework "$project" "$framework"
mkdir -p "$out"
publish_image "$project" v4 Lpom.Native.so 644 "$out/liblpom-v4.so"
publish_image "$project" v3 Lpom.Native.so 644 "$out/liblpom-v3.so"
clang -std=c11 -O2 -Wall -Wextra -Werror -fvisibility=hidden -fPIC -shared -pthread -Wl,-soname,liblpom.so -Wl,-z,nodelete -Wl,--no-undefined \
  "$project/lpom.c" -o "$out/liblpom.so"
strip "$out/liblpom.so"
install -m 644 "$project/lpom.h" "$out/lpom.h"
echo "$out/liblpom.so: $(stat -c %s "$out/liblpom.so") bytes"
