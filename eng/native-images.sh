# Sourced by the scripts that publish native images, with `script` set to their name. $work is a folder that ends with the script.
[[ $(uname -sm) == 'Linux x86_64' ]] || { echo "$script: builds on Linux on x86-64 only, not on $(uname -sm)" >&2; exit 1; }
command -v clang >/dev/null || { echo "$script: clang is missing (Debian: apt-get install clang zlib1g-dev)" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

restore_images() { # PROJECT FRAMEWORK
  dotnet restore "$1" -p:LpomFramework="$2" -p:LpomInstructionSet=v3 >"$work/restore.log" 2>&1
}

# Restores for the framework that is given, or for the first that can be had; sets `framework`.
choose_framework() { # PROJECT [FRAMEWORK]
  framework=${2:-net10.0}
  restore_images "$1" "$framework" && return
  # A package or a version of it is not to be had; any other failure is one.
  if [[ -z ${2:-} ]] && grep -q 'NU110[123]' "$work/restore.log"; then
    echo "$script: the native pack of net10.0 cannot be restored; using net9.0" >&2
    framework=net9.0
    restore_images "$1" "$framework" && return
  fi
  cat "$work/restore.log" >&2
  exit 1
}

publish_image() { # PROJECT LEVEL PUBLISHED_FILE MODE TARGET
  dotnet publish "$1" -c Release --no-restore -p:LpomFramework="$framework" -p:LpomInstructionSet="$2" \
    -o "$work/$2" >"$work/$2.log" 2>&1 || { cat "$work/$2.log" >&2; exit 1; }
  install -m "$4" "$work/$2/$3" "$5"
  echo "$5: $framework, x86-64-$2, $(stat -c %s "$5") bytes"
}
