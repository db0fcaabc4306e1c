import argparse
import socket
import sys
import threading
import time

TRACK = [
    "$GPGGA,120000.00,5231.20,N,01324.30,E,1,08,0.9,34.0,M,44.9,M,,*5C",
    "$GPGGA,120001.00,5231.21,N,01324.33,E,1,08,0.9,34.1,M,44.9,M,,*5F",
]


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (0.0.0.0 for all)")
    parser.add_argument("--port", type=int, default=5045)
    parser.add_argument("--rate", type=float, default=1.0, help="sentences per second")
    return parser.parse_args(argv)


def feed(conn, rate):
    with conn:
        try:
            while True:
                for sentence in TRACK:
                    conn.sendall(sentence.encode("ascii") + b"\r\n")
                    time.sleep(1 / rate)
        except OSError:
            pass


def main(argv=None):
    args = parse_args(argv)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((args.host, args.port))
    sock.listen(5)
    print(f"feeding on {args.host}:{args.port}", file=sys.stderr)
    while True:
        conn, _ = sock.accept()
        threading.Thread(target=feed, args=(conn, args.rate), daemon=True).start()


if __name__ == "__main__":
    main()
