import socket
import threading

from relay.server import make_server


def test_echo():
    server = make_server("0.0.0.0", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.create_connection(("127.0.0.1", server.server_address[1])) as client:
        client.sendall(b"hi\n")
        assert client.recv(10) == b"hi\n"
    server.shutdown()
