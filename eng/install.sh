#!/usr/bin/env bash
# Installs lpom under PREFIX: the native binary, the manual pages and the completions of bash, zsh and fish.
#
#   eng/install.sh PREFIX [--from OUT]     OUT: a folder that eng/publish-aot.sh made; else it publishes first
#   eng/install.sh PREFIX --uninstall      removes what was installed
#
# With DESTDIR set, the files go below it, as packagers want it. man finds the pages when PREFIX/bin is in PATH. bash (with Debian's package
# bash-completion) and fish find their completions below /usr, /usr/local and ~/.local; zsh below /usr/local, and elsewhere by
# fpath=(PREFIX/share/zsh/site-functions $fpath) before compinit.
set -euo pipefail

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
}

fail() { echo "install.sh: $*" >&2; exit 1; }

[[ $# -ge 1 && -n $1 && ${1:0:1} != - ]] || usage
prefix=$1 from='' action=install
shift
case ${1:-} in
  '') [[ $# = 0 ]] || usage ;;
  --from) [[ $# = 2 && -n $2 ]] || usage; from=$2 ;;
  --uninstall) [[ $# = 1 ]] || usage; action=uninstall ;;
  *) usage ;;
esac
[[ $prefix == /* ]] || prefix=$PWD/$prefix
root=${DESTDIR:-}${prefix%/}
eng=$(cd "$(dirname "$0")" && pwd)

binaries=("$root/bin/lpom" "$root/bin/lpom-v3")
pages=$root/share/man/man1
bash_script=$root/share/bash-completion/completions/lpom
zsh_script=$root/share/zsh/site-functions/_lpom
fish_script=$root/share/fish/vendor_completions.d/lpom.fish

# The pages by pattern: an earlier version may have had others.
remove() { rm -f "${binaries[@]}" "$pages/lpom.1" "$pages"/lpom-*.1 "$bash_script" "$zsh_script" "$fish_script"; }

if [[ $action = uninstall ]]; then
  [[ -e ${binaries[0]} ]] || fail "there is no ${binaries[0]}"
  remove || fail "cannot remove all of lpom from $root"
  exit
fi

for folder in "$root/bin" "$pages" "${bash_script%/*}" "${zsh_script%/*}" "${fish_script%/*}"; do
  { mkdir -p "$folder" && [[ -w $folder ]]; } 2>/dev/null || fail "cannot write to $folder"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z $from ]]; then
  from=$work/published
  "$eng/publish-aot.sh" "$from"
fi
# lpom hands over to lpom-v3 beside it on processors without AVX-512.
for binary in lpom lpom-v3; do
  [[ -f $from/$binary && -x $from/$binary ]] || fail "there is no $from/$binary; eng/publish-aot.sh makes it"
done

# All that can fail comes before the first file is replaced.
"$from/lpom" man --output "$work/pages"
for shell in bash zsh fish; do
  "$from/lpom" completions "$shell" >"$work/$shell"
done
remove
install -m 755 "$from/lpom" "$from/lpom-v3" "$root/bin"
install -m 644 "$work/pages"/* "$pages"
install -m 644 "$work/bash" "$bash_script"
install -m 644 "$work/zsh" "$zsh_script"
install -m 644 "$work/fish" "$fish_script"
echo "$root/bin/lpom: installed, with manual pages and completions in $root/share"
