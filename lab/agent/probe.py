"""Probes: one new connection (TCP) or one datagram (UDP) each, from any namespace and source address, many at once."""

import collections
import errno
import os
import select
import socket
import struct
import time

from listen import FAMILY
from netns import Namespaces

WINDOW = 512
# An established connection has been delivered to a socket; only its process still has to be scheduled.
ANSWER_GRACE = 3.0
# While more threads want to run than there are processors, the kernel too gets to packets late (ksoftirqd runs as one of them): silence
# then means nothing yet. Beyond this an unanswered neighbour would turn silence into an ICMP error (see probe.ts).
MOST_PATIENCE = 2.5
CLOSE_BY_RESET = struct.pack('ii', 1, 0)
IP_RECVERR, IPV6_RECVERR = 11, 25
TCPI_RTT = 8 + 15 * 4
# What ICMP errors become (icmp_err_convert in net/ipv4/icmp.c, tab_unreach in net/ipv6/icmp.c).
REJECTED = {
    errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH,
    errno.EACCES, errno.ENOPROTOOPT, errno.EHOSTDOWN, errno.ENONET, errno.EPROTO,
}
# What the sender's own kernel says at once: its rules drop (EPERM), it has no route, or none for such a source (EINVAL).
UNSENT = {errno.EPERM, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL}
# What it says later without an ICMP error.
LATER = {errno.ECONNREFUSED: 'refused', errno.ECONNRESET: 'refused', errno.ETIMEDOUT: 'silent', errno.EHOSTUNREACH: 'silent'}
ORIGIN_ICMP = {2: 'icmp', 3: 'icmpv6'}


def busy():
    """Whether threads wait for a processor (proc(5): the fourth field of /proc/loadavg begins with the number of runnable ones)."""
    with open('/proc/loadavg', encoding='ascii') as file:
        runnable = int(file.read().split()[3].split('/')[0])
    return runnable > os.cpu_count()


class Prober:
    def __init__(self, loop):
        self._loop = loop
        self._waiting = collections.deque()
        self._flying = 0

    def batch(self, request, reply):
        """Calls reply({'results': [...]}) once every probe has ended; results keep the order of the probes."""
        if not request['probes']:
            reply({'results': []})
            return
        batch = Batch(request['probes'], reply)
        self._waiting.extend((batch, index) for index in range(len(batch.probes)))
        self._launch()

    def _launch(self):
        while self._waiting and self._flying < WINDOW:
            batch, index = self._waiting.popleft()
            self._flying += 1
            Flight(self._loop, batch, index, self._landed)

    def _landed(self):
        self._flying -= 1
        if self._waiting:
            # Not at once: the descriptor just closed may still stand in the list of ready ones.
            self._loop.soon(self._launch)


class Batch:
    def __init__(self, probes, reply):
        self.probes = probes
        self.namespaces = Namespaces()
        self._results = [None] * len(probes)
        self._left = len(probes)
        self._reply = reply

    def end(self, index, result):
        self._results[index] = result
        self._left -= 1
        if self._left == 0:
            self.namespaces.close()
            self._reply({'results': self._results})


class Flight:
    def __init__(self, loop, batch, index, landed):
        self._loop, self._batch, self._index, self._landed = loop, batch, index, landed
        self._probe = probe = batch.probes[index]
        self._tcp = probe['protocol'] == 'tcp'
        self._begun = time.monotonic()
        self._connected = False
        self._socket = None
        try:
            self._socket = sock = self._open(probe)
        except OSError as error:
            self._end('error', error.strerror)
            return
        try:
            sock.connect((probe['address'], probe['port']))
            if not self._tcp:
                self._send()
        except BlockingIOError:
            pass
        except OSError as error:
            self._end('unsent' if error.errno in UNSENT else LATER.get(error.errno, 'error'), error.strerror)
            return
        loop.watch(sock.fileno(), select.EPOLLOUT if self._tcp else select.EPOLLIN, self._ready)
        loop.at(self._begun + probe['timeoutMs'] / 1000, self._late)

    def _open(self, probe):
        v6 = probe['family'] == 6
        sock = self._batch.namespaces.socket(probe['namespace'], FAMILY[probe['family']], socket.SOCK_STREAM if self._tcp else socket.SOCK_DGRAM)
        try:
            # With veth pairs the rejection often arrives while connect() still owns the socket; tcp_v4_err() then only notes
            # a soft error, and the reject would look like a drop. The error queue gets it in any case, with type and code.
            sock.setsockopt(socket.IPPROTO_IPV6 if v6 else socket.IPPROTO_IP, IPV6_RECVERR if v6 else IP_RECVERR, 1)
            if probe['mark']:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, probe['mark'])
            if self._tcp:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_BY_RESET)
            if probe['sourcePort']:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe['source'] or probe['sourcePort']:
                sock.bind((probe['source'] or ('::' if v6 else '0.0.0.0'), probe['sourcePort']))
            return sock
        except OSError:
            sock.close()
            raise

    def _send(self):
        self._socket.send(b'GET /sp-' + self._probe['token'].encode() + b' HTTP/1.0\r\n\r\n')

    def _ready(self, events):
        if events & select.EPOLLERR:
            rejection = self._rejection()
            if rejection and self._probe['expect'] == 'receipt' and self._answered():
                self._end('connected')
                return
            if rejection:
                self._end('refused', rejection)
                return
        try:
            if self._tcp and not self._connected:
                self._finish_connect()
                return
            data = self._socket.recv(1024)
        except BlockingIOError:
            return
        except OSError as error:
            self._end('closed' if self._connected else LATER.get(error.errno, 'error'), error.strerror)
            return
        if data or not self._tcp:
            self._end('answered', '', data.decode('latin-1'))
        else:
            self._end('closed', 'end of stream')

    def _finish_connect(self):
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code and self._probe['expect'] == 'receipt' and self._answered():
            self._end('connected')
            return
        if code:
            self._end(LATER.get(code, 'error'), 'reset' if code == errno.ECONNREFUSED else errno.errorcode.get(code, str(code)))
            return
        self._connected = True
        if self._probe['expect'] == 'connection':
            self._end('connected')
            return
        self._send()
        self._loop.watch(self._socket.fileno(), select.EPOLLIN, self._ready)

    def _answered(self):
        """
        Whether the server accepted the connection. The handshake's last packet may be rejected where its first was not, in the very moment in
        which the answer to that comes: then a round trip was measured (tcp_info.tcpi_rtt, linux/tcp.h), which no reset to a SYN gives.
        """
        if self._connected or not self._tcp:
            return self._connected
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        return struct.unpack_from('=I', info, TCPI_RTT)[0] > 0

    def _rejection(self):
        """The ICMP error in the socket's error queue as 'icmp TYPE/CODE', None if there is none (ip(7), struct sock_extended_err)."""
        try:
            _, controls, _, _ = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
        except OSError:
            return None
        for _, _, data in controls:
            if len(data) >= 16:
                code, origin, icmp_type, icmp_code = struct.unpack_from('=IBBB', data)
                if origin in ORIGIN_ICMP and code in REJECTED:
                    return f'{ORIGIN_ICMP[origin]} {icmp_type}/{icmp_code}'
        return None

    def _late(self):
        if self._socket is None:
            return
        rejection = None if self._connected else self._rejection()
        if rejection:
            self._end('refused', rejection)
        elif self._connected and self._probe['expect'] == 'answer' and time.monotonic() < self._begun + ANSWER_GRACE:
            self._loop.at(self._begun + ANSWER_GRACE, self._late)
        elif self._probe['patient'] and not self._connected and time.monotonic() < self._begun + MOST_PATIENCE and busy():
            self._loop.at(min(time.monotonic() + self._probe['timeoutMs'] / 1000, self._begun + MOST_PATIENCE), self._late)
        else:
            self._end('connected' if self._connected else 'silent')

    def _end(self, state, detail='', answer=''):
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
        ms = round((time.monotonic() - self._begun) * 1000, 1)
        self._batch.end(self._index, {'state': state, 'detail': detail, 'answer': answer, 'ms': ms})
        self._landed()
