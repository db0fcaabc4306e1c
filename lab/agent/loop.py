"""One epoll loop for everything an agent waits for: requests, listeners, probes."""

import heapq
import itertools
import select
import time


class Loop:
    def __init__(self):
        self._epoll = select.epoll()
        self._handlers = {}
        self._timers = []
        self._order = itertools.count()

    def watch(self, fd, events, handler):
        """Calls handler(events) whenever the descriptor is ready; watching it again replaces events and handler."""
        if fd in self._handlers:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._handlers[fd] = handler

    def forget(self, fd):
        if self._handlers.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def at(self, when, callback):
        """Calls callback() once, not before `when` (time.monotonic() seconds)."""
        heapq.heappush(self._timers, (when, next(self._order), callback))

    def soon(self, callback):
        """Calls callback() after the descriptors that are ready now."""
        self.at(0.0, callback)

    def drain(self):
        """Serves everything that the kernel already holds. Bounded: peers could keep sending."""
        for _ in range(1000):
            if not self._turn(0):
                return

    def run(self):
        while True:
            now = time.monotonic()
            self._turn(max(0.0, self._timers[0][0] - now) if self._timers else -1)
            # Late means late before that poll: on a busy machine an answer may have been waiting here for longer than
            # its deadline, and calling it lost would be a false drop.
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()

    def _turn(self, wait):
        ready = self._epoll.poll(wait)
        for fd, events in ready:
            handler = self._handlers.get(fd)
            if handler is not None:
                handler(events)
        return bool(ready)
