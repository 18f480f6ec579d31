#!/usr/bin/env bash
# Builds examples/, checks their format, runs each with small settings and compares what it prints and its exit code; posts images to
# the service, good ones and bad ones.
#
#   eng/check-examples.sh
#
# Needs the .NET 10 SDK, curl and gzip.
set -euo pipefail

[[ $# = 0 ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
for tool in dotnet curl zcat; do
  command -v "$tool" >/dev/null || { echo "check-examples.sh: $tool is missing (Debian: apt-get install curl gzip)" >&2; exit 1; }
done

cd "$(dirname "$0")/.."
work=$(mktemp -d)
service=
stop() {
  [[ -z $service ]] || { kill "$service" && wait "$service"; } 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

fail() { echo "check-examples.sh: $*" >&2; cat "$work/out" "$work/err" >&2 2>/dev/null; exit 1; }

# run CODE EXAMPLE ARGUMENTS…: runs it, and leaves its output in $work/out and $work/err.
run() {
  local expected=$1 name=$2 code=0
  shift 2
  timeout 60 dotnet "examples/$name/bin/Release/net10.0/$name.dll" "$@" >"$work/out" 2>"$work/err" || code=$?
  [[ $code = "$expected" ]] || fail "$name $*: exit code $code, expected $expected"
}

# refuses EXAMPLE TEXT ARGUMENTS…: an error of one line, the last, that holds the text; and exit code 2.
refuses() {
  local name=$1 text=$2
  shift 2
  run 2 "$name" "$@"
  [[ $(tail -n 1 "$work/err") == "error: "*"$text"* && $(wc -l <"$work/err") -le 2 ]] || fail "$name $*: expected one line with '$text'"
}

dotnet build examples/Examples.slnx -c Release -v quiet
dotnet format examples/Examples.slnx --no-restore --verify-no-changes --diagnostics IMPORTS --include examples/ &
format=$!

run 0 Classify
[[ $(wc -l <"$work/out") = 355 ]] && grep -Eq '^3[45][0-9] of the 355 digits' "$work/err" || fail "Classify: expected 355 labels, 340 of them right"
zcat src/Lpom.Data/Builtin/digits.csv.gz | cut -d, -f1-64 | sed -n '2,11p' >"$work/samples.csv"
dotnet run -c Release --project src/Lpom.Cli -- train --quiet --output "$work/model.safetensors" >"$work/out" 2>"$work/err" || fail "lpom train failed"
run 0 Classify "$work/model.safetensors" "$work/samples.csv"
[[ $(wc -l <"$work/out") = 10 ]] || fail "Classify: expected 10 labels"
refuses Classify nowhere.safetensors "$work/nowhere.safetensors"
refuses Classify "Classify [MODEL" --help
echo 4,5,6 >"$work/short.csv"
refuses Classify "short.csv: line 1: 3 values, the model takes 64" "$work/model.safetensors" "$work/short.csv"
echo "Classify: done"

# The table and the program of docs/tutorial-csv.md.
lpom=src/Lpom.Cli/bin/Release/net10.0/lpom.dll
dotnet $lpom train --data docs/data/iris.csv --target species --batch 20 --quiet --output "$work/iris.safetensors" >"$work/out" 2>"$work/err" || fail "lpom train failed"
sed -n "/^cat > out.new.csv/,/^END/{//d;p}" docs/tutorial-csv.md >"$work/new.csv"
run 0 Table "$work/iris.safetensors" "$work/new.csv"
[[ $(xargs <"$work/out") = "setosa virginica versicolor" ]] || fail "Table: expected what docs/tutorial-csv.md says"
refuses Table "a model that was not trained on a table" "$work/model.safetensors" "$work/new.csv"
refuses Table "Table MODEL TABLE.csv"
echo "Table: done"

# docs/custom-activation.md shows its code.
run 0 CustomActivation
grep -Eq '^with it: 64-128-10, soft-shrink-0.1, test accuracy 0\.9[5-9]' "$work/out" || fail "CustomActivation: expected an accuracy from 0.95"
echo "CustomActivation: done"

run 0 OnlineLearning 10000
awk '$4 == "inverted" { learning = $2; fixed = $3 } END { exit !(learning > 0.8 && fixed < 0.2) }' "$work/out" || fail "OnlineLearning: expected the network that learns to recover"
refuses OnlineLearning "OnlineLearning [SAMPLES]" none
echo "OnlineLearning: done"

refuses WebApi nowhere.safetensors --model "$work/nowhere.safetensors"
refuses WebApi "short.csv" --model "$work/short.csv"
refuses WebApi "--white black" --white black
# Port 0 is a free one; the service says which.
dotnet examples/WebApi/bin/Release/net10.0/WebApi.dll --urls http://127.0.0.1:0 --model "$work/model.safetensors" >"$work/out" 2>"$work/err" &
service=$!
for _ in {1..100}; do
  url=$(sed -n 's|^ *curl \(http://.*\)/health$|\1|p' "$work/out")
  [[ -z $url ]] || break
  kill -0 "$service" 2>/dev/null || fail "WebApi ended"
  sleep 0.1
done
[[ -n $url ]] || fail "WebApi does not listen"

# post CODE TEXT TYPE FILE: the status and a text that the answer holds.
post() {
  local code
  code=$(curl -s -m 10 -o "$work/answer" -w '%{http_code}' -H "Content-Type: $3" --data-binary "@$4" "$url/classify")
  [[ $code = "$1" ]] && grep -qF "$2" "$work/answer" || fail "WebApi, $4 as $3: $code $(head -c 500 "$work/answer"), expected $1 and $2"
}

seven=examples/WebApi/seven.png
# The same image as raw bytes, a pixel a byte from 0 to 16: row 45 of the digits.
for value in $(zcat src/Lpom.Data/Builtin/digits.csv.gz | grep -E '^[0-9]' | sed -n 45p | cut -d, -f1-64 | tr , ' '); do
  printf "\\x$(printf %x "$value")"
done >"$work/seven.raw"
head -c 63 "$work/seven.raw" >"$work/short.raw"
head -c 60 "$seven" >"$work/short.png"
head -c 1000000 /dev/zero >"$work/long"
# 2³¹ − 1 pixels wide, by the header.
{ head -c 16 "$seven"; printf '\x7f\xff\xff\xff'; tail -c +21 "$seven"; } >"$work/wide.png"
post 200 '"label":7,"class":"7","probabilities":[' image/png "$seven"
post 200 '"label":7,"class":"7","probabilities":[' application/octet-stream "$work/seven.raw"
# As docs/tutorial-aspnet.md says.
sed -n '/^curl /p' docs/tutorial-aspnet.md | sed "s|http://localhost:5000|$url|; s|^curl|& -sf -m 10|" >"$work/curl"
[[ $(wc -l <"$work/curl") = 2 ]] && bash -e "$work/curl" >"$work/out" || fail "WebApi: the commands of docs/tutorial-aspnet.md fail"
grep -qF '{"label":7,"class":"7","probabilities":[' "$work/out" && grep -qF '{"status":"ok","network":"64-128-10","inputs":64}' "$work/out" || fail "WebApi: expected what docs/tutorial-aspnet.md says"
post 400 "63 bytes; expected PNG of 8×8 pixels" application/octet-stream "$work/short.raw"
post 400 PNG image/png "$work/short.png"
post 400 PNG image/png "$work/seven.raw"
post 400 "" image/png "$work/wide.png"
post 413 "" image/png "$work/long"
post 413 "" application/octet-stream "$work/long"
post 415 "expected PNG of 8×8 pixels" text/plain "$work/seven.raw"
curl -sf -m 10 "$url/health" | grep -qF '"network":"64-128-10"' || fail "WebApi: /health"
# An interrupt is ignored by what a script starts in the background.
kill -TERM "$service"
wait "$service" || fail "WebApi: exit code $?, expected 0"
service=
echo "WebApi: done"
wait "$format" || fail "dotnet format would change something"
