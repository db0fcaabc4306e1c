"""Sockets in other network namespaces. A socket belongs for life to the namespace it was made in (socket(2) takes the
caller's), so one process can hold sockets in many."""

import ctypes
import os
import socket

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_home = os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)


def _enter(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, 'setns: ' + os.strerror(code))


class Namespaces:
    """Keeps the namespaces of one batch open, so that a batch opens each once. None is the process's own."""

    def __init__(self):
        self._open = {}

    def socket(self, path, family, kind):
        if path is None:
            return socket.socket(family, kind | socket.SOCK_NONBLOCK)
        if path not in self._open:
            self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        _enter(self._open[path])
        try:
            return socket.socket(family, kind | socket.SOCK_NONBLOCK)
        finally:
            _enter(_home)

    def close(self):
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()
