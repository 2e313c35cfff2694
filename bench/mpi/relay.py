# A network of two namespaces that delays each packet, for kernels without netem. python3 relay.py MILLISECONDS NAMESPACE… makes a device "relay" in each of the two, and passes on what comes in until it is ended. See network.sh.
import ctypes, errno, fcntl, os, select, struct, sys, time
from collections import deque

libc = ctypes.CDLL(None, use_errno=True)
create, plain, largest = 0x400454CA, 0x0001 | 0x1000, 65535  # TUNSETIFF; IFF_TUN | IFF_NO_PI


def device(namespace):
    """A device in a namespace, as a file of packets."""
    with open(f"/run/netns/{namespace}") as there:
        if libc.setns(there.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace {namespace}")
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, create, struct.pack("16sH22x", b"relay", plain))
    return file


delay = float(sys.argv[1]) / 1000
one, other = [device(namespace) for namespace in sys.argv[2:4]]
print("ready", flush=True)
waiting = deque()  # when it is due, where it goes, the packet: all wait as long, so the first is due first
while True:
    patience = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    for file in select.select([one, other], [], [], patience)[0]:
        waiting.append((time.monotonic() + delay, other if file == one else one, os.read(file, largest)))
    while waiting and waiting[0][0] <= time.monotonic():
        _, file, packet = waiting.popleft()
        try:
            os.write(file, packet)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            # That end is not up yet: a network drops what it cannot bring.
