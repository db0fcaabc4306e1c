import socket

BUFFER = 2048

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", 9999))

while True:
    data, peer = sock.recvfrom(BUFFER)
    if data == b"who?":
        sock.sendto(b"printer", peer)
