#!/usr/bin/env bash
# Trains with four ranks on four hosts, over TCP, with each of Open MPI and MPICH that is installed: the hosts are network namespaces of
# this machine, made and removed here. Ranks that divide units must end with the same weights (lpom compares them after every epoch);
# ranks that divide layers have the same weights with either library. A rank is lost, and the run goes on to the accuracy, where layers
# are divided to the weights, of one that was not. As root.
#
#   eng/check-mpi-hosts.sh LPOM     LPOM: the native binary
set -euo pipefail
lpom=$(realpath "${1:?usage: eng/check-mpi-hosts.sh LPOM}")
work=$(mktemp -d)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
hosts=10.55.0.1,10.55.0.2,10.55.0.3,10.55.0.4

remove() {
  pkill -KILL -f "$work/" 2> /dev/null || true
  for i in 1 2 3 4; do ip netns del "lpom$i" 2> /dev/null || true; done
  ip link del lpom-bridge 2> /dev/null || true
  rm -rf "$work"
}
trap remove EXIT

ip link add lpom-bridge type bridge
ip addr add 10.55.0.254/24 dev lpom-bridge
ip link set lpom-bridge up
for i in 1 2 3 4; do
  ip netns add "lpom$i"
  ip link add "lpom-veth$i" type veth peer name eth0 netns "lpom$i"
  ip link set "lpom-veth$i" master lpom-bridge up
  ip -n "lpom$i" addr add "10.55.0.$i/24" dev eth0
  ip -n "lpom$i" link set eth0 up
  ip -n "lpom$i" link set lo up
done

# In place of ssh: options, a host, its command.
cat > "$work/agent" <<'A'
#!/usr/bin/env bash
while [ "${1#-}" != "$1" ]; do shift; done
host=$1; shift
# A name of its own, or ranks would find themselves on one machine and share its memory.
exec ip netns exec "lpom${host##*.}" unshare --uts bash -c "hostname lpom${host##*.}; $*"
A
chmod +x "$work/agent"

fail() { echo "check-mpi-hosts: $*" >&2; exit 1; }
value() { sed -n "s/.*\"event\":\"done\".*\"$1\":\([0-9.]*\).*/\1/p" "$2"; }
last_digest() { grep -o '"digest":"[0-9a-f]*"' "$1" | tail -n 1; }
received() { ip netns exec lpom2 awk '/eth0:/ { print $2 }' /proc/net/dev; }
on_hosts() { # LOG ARGUMENTS…: lpom on the four hosts
  local log=$1
  shift
  timeout 180 "${run[@]}" "$lpom" train --layers 300-300-300 --threads 1 --quiet --json "$@" > "$log" 2> "$work/errors"
}

check() { # name mode epochs
  local before code=0 run_on=(--epochs "$3" --distributed "$2" --checkpoint "$work/run" --checkpoint-every 50steps --output "$work/lost.safetensors")
  before=$(received)
  on_hosts "$work/whole" --epochs "$3" --distributed "$2" --output "$work/model" || fail "$1, $2: $(tail -n 5 "$work/errors")"
  grep -q '"ranks":4' "$work/whole" || fail "$1, $2: not four ranks"
  # Ranks that shared memory instead would leave the wires idle.
  [ "$(($(received) - before))" -gt 1000000 ] || fail "$1, $2: only $(($(received) - before)) bytes came by TCP"
  echo "$1, $2: accuracy $(value testAccuracy "$work/whole"), $(value allocatedBytesPerStep "$work/whole") bytes allocated a step, $(last_digest "$work/whole")"

  on_hosts "$work/lost" "${run_on[@]}" & job=$!
  for _ in $(seq 300); do [ -e "$work/run/checkpoint.lpom" ] && break; sleep 0.1; done
  pkill -KILL -n -f "^$lpom .*$work/lost.safetensors" || fail "$1, $2: there is no rank to lose: $(cat "$work/errors")"
  wait $job || code=$?
  [ "$code" != 0 ] && [ "$code" != 124 ] || fail "$1, $2: after a lost rank the job ended with $code"
  on_hosts "$work/resumed" "${run_on[@]}" --resume || fail "$1, $2, resumed: $(tail -n 5 "$work/errors")"
  grep -q '"resumedAfterStep"' "$work/resumed" || fail "$1, $2: the run began anew"
  rm -rf "$work/run"
  awk -v a="$(value testAccuracy "$work/whole")" -v b="$(value testAccuracy "$work/resumed")" 'BEGIN { exit !(a != "" && b != "" && a - b < 0.01 && b - a < 0.01) }' ||
    fail "$1, $2: accuracy $(value testAccuracy "$work/whole"), resumed $(value testAccuracy "$work/resumed")"
  [ "$2" = mpi ] || [ "$(last_digest "$work/whole")" = "$(last_digest "$work/resumed")" ] || fail "$1, $2: a resumed run has other weights"
  echo "$1, $2: a lost rank ends the job with $code; resumed, accuracy $(value testAccuracy "$work/resumed"), $(last_digest "$work/resumed")"
}

if command -v mpirun.openmpi > /dev/null; then
  run=(mpirun.openmpi -np 4 --host "$hosts" --mca plm rsh --mca plm_rsh_agent "$work/agent" --mca btl tcp,self
    --mca btl_tcp_if_include 10.55.0.0/24 --mca oob_tcp_if_include 10.55.0.0/24)
  check "Open MPI" mpi 20
  check "Open MPI" mpi-layers 60
fi
if command -v mpirun.mpich > /dev/null; then
  # UCX, or libfabric, as it was built.
  export UCX_TLS=tcp FI_PROVIDER=tcp
  run=(mpirun.mpich -np 4 -hosts "$hosts" -iface lpom-bridge -launcher ssh -launcher-exec "$work/agent")
  check MPICH mpi 20
  check MPICH mpi-layers 60
fi
