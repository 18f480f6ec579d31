#!/usr/bin/env bash
# Installs lpom by install.sh into folders that are removed in the end, and looks whether man and the shells find what is theirs, whether
# it is replaced and removed as a whole, and what is said of a PREFIX that cannot be used.
#
#   eng/check-install.sh OUT      OUT: a folder that eng/publish-aot.sh made
#
# Needs man, zsh and fish (Debian: man-db zsh fish).
set -euo pipefail

[[ $# = 1 && ${1:0:1} != - ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
for tool in man zsh fish; do
  command -v "$tool" >/dev/null || { echo "check-install.sh: $tool is missing (Debian: apt-get install man-db zsh fish)" >&2; exit 1; }
done
eng=$(cd "$(dirname "$0")" && pwd)
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="$work/a prefix"

fail() { echo "check-install.sh: $*" >&2; exit 1; }

# refuses CODE TEXT ARGUMENTS…: install.sh ends with this exit code, and this text in its first line.
refuses() {
  local expected=$1 text=$2 code=0
  shift 2
  "$eng/install.sh" "$@" >"$work/log" 2>&1 || code=$?
  [[ $code = "$expected" && $(head -n 1 "$work/log") == *"$text"* ]] || { cat "$work/log"; fail "install.sh $*: exit code $code, expected $expected and '$text'"; }
}

files() { (cd "$1" && find . -type f -printf '%m %P\n' | sort); }

"$eng/install.sh" "$prefix" --from "$out"
PATH=$prefix/bin:$PATH
lpom --version >/dev/null
LPOM_SIMD=256 lpom --version | grep 'SIMD 256' >/dev/null || fail "the installed lpom does not hand over to lpom-v3"
env -u MANPATH man lpom-train | grep 'checkpoint-every' >/dev/null || fail "'man lpom-train' does not show its options"
bash --norc -c 'source "$1" && complete -p lpom' bash "$prefix/share/bash-completion/completions/lpom" | grep '_lpom' >/dev/null || fail "bash does not load its completion"
zsh -fc 'fpath=("$1" $fpath); autoload -Uz compinit; compinit -u -D; [[ $_comps[lpom] == _lpom ]]' zsh "$prefix/share/zsh/site-functions" || fail "zsh does not find its completion"
# shellcheck disable=SC2016  # fish expands it.
fish --no-config -c 'set -p fish_complete_path $argv[1]; complete -C "lpom tr"' "$prefix/share/fish/vendor_completions.d" | grep '^train' >/dev/null || fail "fish does not find its completion"

files "$prefix" >"$work/first"
touch "$prefix/share/man/man1/lpom-of-old.1"
"$eng/install.sh" "$prefix" --from "$out" >/dev/null
files "$prefix" | diff "$work/first" - || fail "installed again, lpom has other files"
DESTDIR="$work/package" "$eng/install.sh" /usr --from "$out" >/dev/null
files "$work/package/usr" | diff "$work/first" - || fail "below DESTDIR, lpom has other files"
"$eng/install.sh" "$prefix" --uninstall
[[ -z $(files "$prefix") ]] || fail "--uninstall leaves files in $prefix"

refuses 2 'Installs lpom'
refuses 2 'Installs lpom' "$prefix" --form "$out"
refuses 1 'there is no' "$prefix" --uninstall
refuses 1 "there is no $work/lpom" "$prefix" --from "$work"
touch "$work/file"
refuses 1 "cannot write to $work/file" "$work/file" --from "$out"
echo "check-install.sh: man, bash, zsh and fish find what install.sh installs"
