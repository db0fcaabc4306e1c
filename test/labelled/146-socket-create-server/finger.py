import socket

PORT = 9700


def main():
    family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
    dual = family == socket.AF_INET6
    with socket.create_server(("", PORT), family=family, dualstack_ipv6=dual) as server:
        while True:
            conn, _ = server.accept()
            with conn:
                conn.sendall(b"nobody home\r\n")


main()
