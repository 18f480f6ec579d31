#!/usr/bin/env bash
# Checks the C library: publishes it, compiles the samples as C99 and C++ with all warnings, compares scores with 'lpom predict', makes a
# million calls with handles, pointers and lengths of all kinds, compares predictions of eight threads with those of one, and sees with
# valgrind (left out where there is none) that nothing is lost however many models are loaded, trained and freed.
#
#   eng/check-c-abi.sh [LPOM]       LPOM: the native command line of eng/publish-aot.sh; without, it is built
#
# Needs the .NET 10 SDK, and Debian's clang, zlib1g-dev, gcc, libc6-dev and python3-numpy.
set -euo pipefail

[[ $# -le 1 && ${1:-x} != -* ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
fail() { echo "check-c-abi.sh: $*" >&2; exit 1; }
for tool in gcc clang; do
  command -v "$tool" >/dev/null || fail "$tool is missing (Debian: apt-get install gcc libc6-dev clang)"
done
/usr/bin/python3 -c 'import numpy' 2>/dev/null || fail 'numpy is missing (Debian: apt-get install python3-numpy)'

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
"$root/eng/publish-c.sh" "$out"
if [[ $# = 1 ]]; then
  lpom=$(realpath "$1")
else
  dotnet build "$root/src/Lpom.Cli" -c Release -f net10.0 -v quiet >"$work/log" || { cat "$work/log" >&2; exit 1; }
  lpom="dotnet $root/src/Lpom.Cli/bin/Release/net10.0/lpom.dll"
fi

for library in liblpom liblpom-v3 liblpom-v4; do
  others=$(nm -D --defined-only "$out/$library.so" | awk '$2 != "A" && $3 !~ /^lpom_/')
  [[ -z $others ]] || fail "$library.so exports more than lpom_*: $others"
done

compile() { # STANDARD SOURCE NAME
  gcc "-std=$1" -O2 -Wall -Wextra -Werror -pedantic -pthread -I"$out" "$root/$2" -o "$work/$3" -L"$out" -llpom -lm -Wl,-rpath,"$out"
}
compile c99 examples/c/classify.c classify
compile c99 examples/c/latency.c latency
compile c11 tests/Lpom.Native.Tests/abi.c abi
clang -x c++ -std=c++98 -Wall -Wextra -Werror -pedantic -fsyntax-only "$out/lpom.h"

digits=$root/src/Lpom.Data/Builtin/digits.csv.gz
gzip -dc "$digits" | cut -d, -f1-64 >"$work/rows.csv"
cd "$work"
$lpom train --layers 32 --epochs 5 --threads 1 --quiet --json --output model.safetensors >log
$lpom export model.safetensors --format onnx --output model.onnx >log
./classify model.safetensors <rows.csv >answers
/usr/bin/python3 "$root/eng/check_c_abi.py" "$lpom" "$out/liblpom.so" model.safetensors model.onnx rows.csv answers "$work"
/usr/bin/python3 "$root/examples/python/online.py" "$out/liblpom.so" model.safetensors "$digits" online.safetensors | tee log
grep -q 'the same scores' log || fail 'online.py: a trained model has other scores once saved and loaded'
awk '/^before/ { before = $2 } /^after/ { after = $2 } END { exit !(after > before + 0.2) }' log || fail 'online.py: training did not help'
./latency model.safetensors

# The page's examples, as they stand there.
example() { sed -n "/^\`\`\`$1 by=/,/^\`\`\`\$/{//d;p}" "$root/docs/c-abi.md"; }
example c >example.c
gcc -std=c99 -Wall -Wextra -Werror -I"$out" example.c -o example -L"$out" -llpom -Wl,-rpath,"$out"
./example | grep -q '^-\?[0-9]' || fail 'the C example of docs/c-abi.md prints no score'
example python >example.py
/usr/bin/python3 example.py | grep -q '^\[[0-9 ]*\]$' || fail 'the Python example of docs/c-abi.md prints no classes'

# The image for the width that is asked for; and no crash without one.
LPOM_SIMD=256 LD_DEBUG=files ./classify model.safetensors <rows.csv >answers-v3 2>log
grep -q 'liblpom-v3.so' log || fail 'LPOM_SIMD=256 does not take liblpom-v3.so'
GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2 ./abi refused model.safetensors 'no AVX2 and FMA'
LPOM_SIMD=7 ./abi refused model.safetensors "LPOM_SIMD is '7'"
mkdir alone
cp "$out/liblpom.so" alone
LD_LIBRARY_PATH=$work/alone ./abi refused model.safetensors "no image for this processor beside $work/alone/liblpom.so: "

mkdir files
for width in 512 256; do
  LPOM_SIMD=$width ./abi calls model.safetensors files 1000000
done
./abi threads model.safetensors

# Of the collector's heap, which valgrind does not see into, the size that the process ends with.
few=$(./abi pairs model.safetensors 1000)
many=$(./abi pairs model.safetensors 10000)
((many < few + 8192)) || fail "10,000 models loaded, trained and freed take $many KiB, 1,000 $few"
echo "resident after 1,000 models loaded, trained and freed: $few KiB; after 10,000: $many KiB"
if ! command -v valgrind >/dev/null; then
  echo 'check-c-abi.sh: valgrind is missing (Debian: apt-get install valgrind): what is lost was not counted' >&2
  exit
fi
count_blocks() { # PAIRS: bytes lost and bytes in use at the end
  valgrind --leak-check=full --error-limit=no --log-file=valgrind.log ./abi pairs model.safetensors "$1" >/dev/null || { cat valgrind.log >&2; exit 1; }
  sed -n 's/,//g; s/.*definitely lost: \([0-9]*\) bytes.*/lost \1/p; s/.*in use at exit: \([0-9]*\) bytes.*/used \1/p' valgrind.log | sort | tr '\n' ' '
}
# The runtime's own tables have grown to their size by then.
few=$(count_blocks 200)
many=$(count_blocks 400)
[[ $few == "$many" && $few == 'lost 0 used '* ]] || fail "valgrind: 200 pairs: $few, 400 pairs: $many"
echo "valgrind: after 200 and after 400 models alike: $few"
