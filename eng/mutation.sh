#!/usr/bin/env bash
# Changes the code in small ways, one at a time, and counts the changes that a test finds (dotnet-stryker). For hours: each change is a run
# of the tests that reach it. It works on a copy of what is committed, in which the kernels, which are not changed, are an assembly of
# their own: as a part of the changed one they would be hundreds of times slower. Leaves a report in OUT.
#
#   eng/mutation.sh data|proximal|training|models [OUT]      OUT: an empty or new folder; a temporary one
set -euo pipefail

version=5.1.0
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
case "${1:-}" in
  data) project=Data patterns=('**/*Reader*.cs' '**/Npy*.cs' '**/Npz*.cs' '**/Zip*.cs' '**/SourceFile.cs' '**/Csv*.cs' '**/Table*.cs' '**/Column*.cs' '**/Target*.cs' '**/RowTargets.cs' '**/*Parser.cs' '**/IdxFolder.cs' '**/*Input.cs' '**/ReadBuffer.cs' '**/Crc32.cs' '**/ClassList.cs' '**/FileKind.cs' '**/Array*.cs') ;;
  proximal) project=Simd patterns=('**/Proximal/*.cs') ;;
  training) project=Simd patterns=('**/Training/**/*.cs') ;;
  models) project=Simd patterns=('**/ModelReader.cs' '**/ModelMetadata.cs' '**/Safetensors.cs' '**/Onnx/*Reader.cs' '**/Onnx/Onnx[AGLNTV]*.cs') ;;
  *) usage ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${2:-$(mktemp -d)}")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
dotnet tool install dotnet-stryker --version "$version" --tool-path "$copy/tools" > /dev/null
git clone -q "$root" "$copy/lpom"
cd "$copy/lpom"

mkdir src/Lpom.Kernels
sed -e '/None Include=/d' -e '/IsPackable/d' \
    -e 's#<InternalsVisibleTo Include="lpom" />#<InternalsVisibleTo Include="lpom" /><InternalsVisibleTo Include="Lpom.Simd" /><Compile Include="../Lpom.Simd/Kernels/**/*.cs" />#' \
    src/Lpom.Simd/Lpom.Simd.csproj > src/Lpom.Kernels/Lpom.Kernels.csproj
sed -i 's#<None Include="PACKAGE.md"#<Compile Remove="Kernels/**" /><ProjectReference Include="../Lpom.Kernels/Lpom.Kernels.csproj" /><None Include="PACKAGE.md"#' src/Lpom.Simd/Lpom.Simd.csproj

mutate=()
for pattern in "${patterns[@]}"; do mutate+=(--mutate "$pattern"); done
cd "tests/Lpom.$project.Tests"
# The lock files know nothing of the new project.
export RestoreLockedMode=false RestorePackagesWithLockFile=false
"$copy/tools/dotnet-stryker" --project "Lpom.$project.csproj" --target-framework net10.0 --configuration Release "${mutate[@]}" \
  --concurrency "$(nproc)" --reporter dots --reporter json --reporter html --reporter cleartext --output "$out" --skip-version-check
echo "$out/reports"
