#!/usr/bin/env bash
# Checks ONNX out and in against programs of others. Out: a network of each of the ten activations is trained, exported, accepted by
# onnx.checker, and has the same scores in onnxruntime and in lpom to 1e-5 on 1,000 images. In: a network that PyTorch exported, with
# every activation that it shares with Lpom, has PyTorch's scores in lpom to 1e-5 (left out where there is no PyTorch).
#
#   eng/check-onnx.sh [NAME DIR IMAGES]        e.g. mnist ~/mnist ~/mnist/t10k-images-idx3-ubyte.gz; without, the built-in digits
#
# Needs the .NET 10 SDK, node with npm, and Debian's python3-onnx (and python3-torch). npm fetches onnxruntime-node, without scripts.
set -euo pipefail

[[ $# = 0 || $# = 3 ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
eng=$(cd "$(dirname "$0")" && pwd)
images=${3:-$eng/../src/Lpom.Data/Builtin/digits.csv.gz}
data=()
[[ $# = 0 ]] || data=(--data "$1" --data-dir "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet build "$eng/../src/Lpom.Cli" -c Release -f net10.0 -v quiet >"$work/log" || { cat "$work/log" >&2; exit 1; }
lpom="$eng/../src/Lpom.Cli/bin/Release/net10.0/lpom.dll"
npm install --prefix "$work" --ignore-scripts --silent --no-audit --no-fund onnxruntime-node@1.30.0 >&2

for activation in identity relu leaky-relu elu sigmoid tanh hard-sigmoid hard-tanh softplus clip01; do
  dotnet "$lpom" train "${data[@]}" --activation "$activation" --layers 128-64 --epochs 1 --threads 1 --quiet --json --output "$work/model.safetensors" >"$work/log"
  dotnet "$lpom" export "$work/model.safetensors" --format onnx --output "$work/$activation.onnx" >"$work/log"
done
/usr/bin/python3 "$eng/check_onnx.py" "$lpom" "$images" "$work"
