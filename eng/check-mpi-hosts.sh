#!/usr/bin/env bash
# Trains with four ranks on four hosts, over TCP, with each of Open MPI and MPICH that is installed: the hosts are network namespaces of
# this machine, made and removed here. Ranks that divide units must end with the same weights (lpom compares them after every epoch);
# ranks that divide layers have the same weights with either library. As root.
#
#   eng/check-mpi-hosts.sh LPOM     LPOM: the native binary
set -euo pipefail
lpom=$(realpath "${1:?usage: eng/check-mpi-hosts.sh LPOM}")
work=$(mktemp -d)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
hosts=10.55.0.1,10.55.0.2,10.55.0.3,10.55.0.4

remove() {
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

check() { # name mode command …
  local name="$1, $2" mode=$2; shift 2
  timeout 120 "$@" "$lpom" train --layers 300-300-300 --threads 1 --quiet --epochs 5 --json --distributed "$mode" --output "$work/model" > "$work/log" 2> "$work/errors" \
    || { echo "check-mpi-hosts: $name: $(tail -n 5 "$work/errors")" >&2; exit 1; }
  grep -q '"ranks":4' "$work/log" || { echo "check-mpi-hosts: $name: not four ranks" >&2; exit 1; }
  # Ranks that shared memory instead would leave the wires idle.
  received=$(cat "$work/received" 2> /dev/null || echo 0)
  now=$(ip netns exec lpom2 cat /proc/net/dev | awk '/eth0:/ { print $2 }')
  [ "$((now - received))" -gt 1000000 ] || { echo "check-mpi-hosts: $name: only $((now - received)) bytes came by TCP" >&2; exit 1; }
  echo "$now" > "$work/received"
  echo "$name: $(sed -n 's/.*"event":"done".*\("testAccuracy":[0-9.]*\).*\("allocatedBytesPerStep":[0-9]*\).*/\1 \2/p' "$work/log") $(grep -o '"digest":"[0-9a-f]*"' "$work/log" | tail -n 1)"
}

if command -v mpirun.openmpi > /dev/null; then
  for mode in mpi mpi-layers; do
    check "Open MPI" $mode mpirun.openmpi -np 4 --host "$hosts" --mca plm rsh --mca plm_rsh_agent "$work/agent" --mca btl tcp,self \
      --mca btl_tcp_if_include 10.55.0.0/24 --mca oob_tcp_if_include 10.55.0.0/24
  done
fi
if command -v mpirun.mpich > /dev/null; then
  # UCX, or libfabric, as it was built.
  export UCX_TLS=tcp FI_PROVIDER=tcp
  for mode in mpi mpi-layers; do check MPICH $mode mpirun.mpich -np 4 -hosts "$hosts" -iface lpom-bridge -launcher ssh -launcher-exec "$work/agent"; done
fi
