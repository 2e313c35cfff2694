#!/bin/sh
# Runs a program as two ranks that speak over a network of two namespaces, as two machines would: for root, on Linux.
#   sh bench/mpi/network.sh DELAY COMMAND…, such as: sh bench/mpi/network.sh 1ms node train.js
# Each packet is delayed by so many milliseconds, by the kernel's netem or, where the kernel has none, by relay.py; with 0, by neither.
set -e
delay=$1
shift
agent=$(mktemp)
relay=
cleanUp() {
  [ -z "$relay" ] || kill "$relay"
  rm -f "$agent" "$agent.relay"
  ip netns del ranks-a
  ip netns del ranks-b
}
ip netns add ranks-a
ip netns add ranks-b
trap cleanUp EXIT
ip link add link-a netns ranks-a type veth peer name link-b netns ranks-b
device() { echo "link-$1"; }
for place in a b; do
  [ "$delay" != 0 ] && [ -z "$relay" ] || continue
  ip netns exec "ranks-$place" tc qdisc add dev "link-$place" root netem delay "$delay" 2>/dev/null && continue
  python3 "$(dirname "$0")/relay.py" "${delay%ms}" ranks-a ranks-b >"$agent.relay" &
  relay=$!
  device() { echo relay; }
  until [ -s "$agent.relay" ]; do
    kill -0 "$relay" || exit 1
    sleep 0.1
  done
  echo "network.sh: the kernel has no netem, so relay.py delays packets" >&2
done
number=0
for place in a b; do
  number=$((number + 1))
  ip -n "ranks-$place" link set lo up
  ip -n "ranks-$place" addr add "10.77.0.$number/24" dev "$(device "$place")"
  ip -n "ranks-$place" link set "$(device "$place")" up
done
# What mpirun calls in place of ssh: the other host is the other namespace.
printf '#!/bin/sh\nshift\nexec ip netns exec ranks-b sh -c "$*"\n' >"$agent"
chmod +x "$agent"
ip netns exec ranks-a mpirun --allow-run-as-root --oversubscribe --mca plm_rsh_agent "$agent" \
  --host 10.77.0.1,10.77.0.2 --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 \
  --mca oob_tcp_if_include 10.77.0.0/24 --mca mpi_yield_when_idle 1 -n 2 "$@"
