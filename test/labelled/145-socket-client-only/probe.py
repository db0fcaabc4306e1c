import socket
import sys

SKIP = {"0.0.0.0", "255.255.255.255"}


def is_listening(host: str, port: int) -> bool:
    """True when something listens there."""
    if host in SKIP:
        host = "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.settimeout(1.0)
        # the source address is up to the kernel
        return s.connect_ex((host, port)) == 0


if __name__ == "__main__":
    for arg in sys.argv[1:] or ["0.0.0.0:22"]:
        name, _, number = arg.rpartition(":")
        print(arg, "listening" if is_listening(name, int(number)) else "closed")
