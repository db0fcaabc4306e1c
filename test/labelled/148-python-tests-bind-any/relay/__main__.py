from relay.server import make_server

if __name__ == "__main__":
    make_server().serve_forever()
