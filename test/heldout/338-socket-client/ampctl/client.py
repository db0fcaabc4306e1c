import socket


class Amplifier:
    """Talks to an amplifier, which listens on port 4999 at 0.0.0.0 by default."""

    def __init__(self, host: str, port: int = 4999, timeout: float = 3.0):
        self.address = (host, port)
        self.timeout = timeout

    def command(self, text: str) -> str:
        with socket.create_connection(self.address, timeout=self.timeout) as sock:
            sock.sendall(text.encode("ascii") + b"\r")
            return sock.makefile("r", encoding="ascii").readline().strip()

    @property
    def volume(self) -> int:
        return int(self.command("VOL?"))

    @volume.setter
    def volume(self, value: int) -> None:
        self.command(f"VOL {max(0, min(100, value))}")


def ping(host: str, port: int = 4999) -> bool:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(1)
    try:
        return sock.connect_ex((host, port)) == 0
    finally:
        sock.close()
