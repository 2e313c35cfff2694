#!/bin/sh
# Runs a program as two ranks that speak over a network of two namespaces, as two machines would: for root, on Linux.
#   sh bench/mpi/network.sh DELAY COMMAND…, such as: sh bench/mpi/network.sh 1ms node train.js
# The kernel must have netem for a delay; with 0, there is none. Where it has not, `mpirun -n 2 npx tsx bench/mpi/delayed.ts 1` waits inside of the program.
set -e
delay=$1
shift
agent=$(mktemp)
cleanUp() {
  rm -f "$agent"
  ip netns del ranks-a
  ip netns del ranks-b
}
ip netns add ranks-a
ip netns add ranks-b
trap cleanUp EXIT
ip link add left netns ranks-a type veth peer name right netns ranks-b
ip -n ranks-a addr add 10.77.0.1/24 dev left
ip -n ranks-b addr add 10.77.0.2/24 dev right
for place in a:left b:right; do
  ip -n "ranks-${place%:*}" link set lo up
  ip -n "ranks-${place%:*}" link set "${place#*:}" up
  if [ "$delay" != 0 ] && ! ip netns exec "ranks-${place%:*}" tc qdisc add dev "${place#*:}" root netem delay "$delay"; then
    echo "network.sh: the kernel has no netem (modprobe sch_netem): take 0 as the delay, or bench/mpi/delayed.ts, which waits inside of the program" >&2
    exit 1
  fi
done
# What mpirun calls in place of ssh: the other host is the other namespace.
printf '#!/bin/sh\nshift\nexec ip netns exec ranks-b sh -c "$*"\n' >"$agent"
chmod +x "$agent"
ip netns exec ranks-a mpirun --allow-run-as-root --oversubscribe --mca plm_rsh_agent "$agent" \
  --host 10.77.0.1,10.77.0.2 --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 \
  --mca oob_tcp_if_include 10.77.0.0/24 --mca mpi_yield_when_idle 1 -n 2 "$@"
