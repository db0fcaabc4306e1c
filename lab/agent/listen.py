"""Real listeners, many in one process, each remembering what it received."""

import collections
import re
import select
import socket
import time

from netns import Namespaces

TOKEN = re.compile(rb'/sp-([0-9A-Za-z-]{1,64})')
RECEIPTS_KEPT = 50_000
CONNECTION_SECONDS = 5.0
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class Listeners:
    def __init__(self, loop):
        self._loop = loop
        self._sockets = {}
        self._receipts = collections.OrderedDict()

    def open(self, request):
        """One error text (or None) for each listener asked for."""
        namespaces = Namespaces()
        try:
            return {'errors': [self._open(namespaces, wanted) for wanted in request['listeners']]}
        finally:
            namespaces.close()

    def _open(self, namespaces, wanted):
        tcp = wanted['protocol'] == 'tcp'
        sock = None
        try:
            kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
            sock = namespaces.socket(wanted.get('namespace'), FAMILY[wanted['family']], kind)
            if wanted['family'] == 6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if wanted.get('v6only') else 0)
            if wanted.get('device'):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, wanted['device'].encode())
            if tcp:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((wanted['address'], wanted['port']))
            if tcp:
                sock.listen(4096)
        except OSError as error:
            if sock is not None:
                sock.close()
            return error.strerror or str(error)
        key = wanted['key']
        self._sockets[key] = sock
        serve = self._accept if tcp else self._datagrams
        self._loop.watch(sock.fileno(), select.EPOLLIN, lambda _events: serve(key, sock))
        return None

    def close(self, request):
        for key in request['keys']:
            sock = self._sockets.pop(key, None)
            if sock is not None:
                self._loop.forget(sock.fileno())
                sock.close()
        return {}

    def received(self, request):
        """Every receipt of one listener, or of the tokens named. What the kernel already delivered counts: it is read first."""
        self._loop.drain()
        if 'tokens' in request:
            return {'receipts': [r for t in request['tokens'] if (r := self._receipts.get(t)) is not None]}
        return {'receipts': [r for r in self._receipts.values() if r['key'] == request['key']]}

    def _remember(self, key, data, peer, local):
        match = TOKEN.search(data)
        if match is None:
            return
        token = match.group(1).decode()
        self._receipts[token] = {
            'key': key, 'token': token, 'from': {'address': peer[0], 'port': peer[1]}, 'at': {'address': local[0], 'port': local[1]},
        }
        while len(self._receipts) > RECEIPTS_KEPT:
            self._receipts.popitem(last=False)

    def _datagrams(self, key, sock):
        for _ in range(256):
            try:
                data, peer = sock.recvfrom(2048)
            except OSError:
                return
            self._remember(key, data, peer, sock.getsockname())
            try:
                sock.sendto(_answer(key, peer), peer)
            except OSError:
                pass  # The way back is closed (OUTPUT rules): the receipt still stands.

    def _accept(self, key, sock):
        for _ in range(256):
            try:
                connection, peer = sock.accept()
            except OSError:
                return
            connection.setblocking(False)
            fd = connection.fileno()

            def end(connection=connection, fd=fd):
                if connection.fileno() == fd:
                    self._loop.forget(fd)
                    connection.close()

            def serve(_events, connection=connection, peer=peer, end=end):
                try:
                    data = connection.recv(2048)
                    if data:
                        self._remember(key, data, peer, connection.getsockname())
                        connection.send(_answer(key, peer))
                        return  # The client closes first, so that no TIME_WAIT piles up on this side.
                except BlockingIOError:
                    return
                except OSError:
                    pass
                end()

            self._loop.watch(fd, select.EPOLLIN, serve)
            self._loop.at(time.monotonic() + CONNECTION_SECONDS, end)


def _answer(key, peer):
    body = f'{key} {peer[0]} {peer[1]}\n'
    return f'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}'.encode()
