#!/usr/bin/env bash
# Checks the NuGet packages as a user meets them: packs Lpom.sln into a feed in a temporary folder, looks into the packages, and
# publishes eng/PackageCheck, a NativeAOT program that knows nothing of this repository, against them, warnings of the native and trim
# analysis as errors; runs it and compares what it prints.
#
#   eng/check-packages.sh [x86-64-v3|x86-64-v4|none]        the instruction set of the native program; v3 (AVX2) unless given
#
# The packages get a version of their own, so that none of an earlier run is taken from the package cache, and leave it at the end.
# net10.0 is taken if its native compiler and pack can be restored, else net9.0. Linux on x86-64 only.
# Needs the .NET 10 SDK, clang, zlib's headers and unzip (Debian: clang zlib1g-dev unzip).
set -euo pipefail

set=${1:-x86-64-v3}
[[ $# -le 1 && $set =~ ^(x86-64-v3|x86-64-v4|none)$ ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
[[ $(uname -sm) == 'Linux x86_64' ]] || { echo "check-packages.sh: builds on Linux on x86-64 only, not on $(uname -sm)" >&2; exit 1; }
for tool in dotnet clang unzip; do
  command -v "$tool" >/dev/null || { echo "check-packages.sh: $tool is missing (Debian: apt-get install clang zlib1g-dev unzip)" >&2; exit 1; }
done

eng=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
version=0.0.1-check.$(date +%s).$$
cache=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
remove() {
  rm -rf "$work" "${cache:?}"/lpom.{simd,data}/"$version"
  rmdir --ignore-fail-on-non-empty "$cache"/lpom.{simd,data} 2>/dev/null || true
}
trap remove EXIT

fail() { echo "check-packages.sh: $*" >&2; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }

quietly dotnet pack "$eng/../Lpom.sln" -c Release -o "$work/feed" -p:PackageVersion="$version"

packed=$(cd "$work/feed" && printf '%s\n' * | sed "s/\.$version//")
expected=$(printf '%s\n' Lpom.{Data,Simd}.{nupkg,snupkg})
[[ $packed == "$expected" ]] || fail "packed: $packed; expected: $expected"
for name in Lpom.Simd Lpom.Data; do
  files=$(unzip -Z1 "$work/feed/$name.$version.nupkg")
  symbols=$(unzip -Z1 "$work/feed/$name.$version.snupkg")
  for framework in net10.0 net9.0; do
    for extension in dll xml; do
      grep -qx "lib/$framework/$name.$extension" <<<"$files" || fail "$name.nupkg lacks lib/$framework/$name.$extension"
    done
    grep -qx "lib/$framework/$name.pdb" <<<"$symbols" || fail "$name.snupkg lacks lib/$framework/$name.pdb"
  done
  grep -qx README.md <<<"$files" || fail "$name.nupkg lacks README.md"
  nuspec=$(unzip -p "$work/feed/$name.$version.nupkg" "$name.nuspec")
  grep -q '<license type="expression">MIT</license>' <<<"$nuspec" || fail "$name.nupkg has no licence"
  [[ $name != Lpom.Data ]] || grep -qx ATTRIBUTION.md <<<"$files" || fail "$name.nupkg lacks ATTRIBUTION.md, which the digits' licence asks for"
done

cp -r "$eng/PackageCheck" "$work/app"
cat >"$work/app/nuget.config" <<CONFIG
<configuration>
  <packageSources>
    <add key="packed" value="$work/feed" />
  </packageSources>
</configuration>
CONFIG
for framework in net10.0 net9.0; do
  # The .NET 9 compiler spells it in its own way.
  [[ $framework == net10.0 ]] || set=${set/x86-64/x86-x64}
  properties=(-p:Framework="$framework" -p:LpomVersion="$version" -p:IlcInstructionSet="${set/none/}")
  dotnet restore "$work/app" "${properties[@]}" >"$work/log" 2>&1 && break
  # A package or a version of it is not to be had: net9.0's may be. Any other failure is one.
  [[ $framework == net10.0 ]] && grep -q 'NU110[123]' "$work/log" || { cat "$work/log" >&2; exit 1; }
done
quietly dotnet publish "$work/app" -c Release --no-restore "${properties[@]}" -o "$work/out"

"$work/out/PackageCheck" "$work/model.safetensors" | tee "$work/printed"
grep -qx 'native: True' "$work/printed" || fail "the program does not run natively"
case $set in *v3) bits=256 ;; *v4) bits=512 ;; *) bits=128 ;; esac
grep -qx "simd: Bits$bits" "$work/printed" || fail "expected $bits-bit vectors"
grep -Eqx 'test accuracy: (0\.9[6-9]|1\.0)[0-9]* of 355 rows' "$work/printed" || fail "expected an accuracy from 0.96"
grep -qx 'allocated per prediction: 0 bytes' "$work/printed" || fail "expected predictions that allocate nothing"
echo "Lpom.Simd and Lpom.Data, packed, work in a native program ($framework, $(stat -c %s "$work/out/PackageCheck") bytes)"
