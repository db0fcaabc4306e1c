"""The lab's long-lived process. JSON lines in, JSON lines out; it ends when its standard input does.

As process 1 of a host it holds the host's listeners and, by ending, ends every process of the host (pid_namespaces(7)).
One more, outside the hosts, sends the probes of the whole lab.
"""

import json
import os
import resource
import select
import signal
import sys

from listen import Listeners
from loop import Loop
from probe import Prober


def main():
    # Orphans of the host are handed to process 1: reap them without ever waiting.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    loop = Loop()
    listeners = Listeners(loop)
    prober = Prober(loop)

    def say(message):
        data = (json.dumps(message) + '\n').encode()
        while data:
            data = data[os.write(1, data):]

    def kill(request):
        try:
            os.kill(request['pid'], request['signal'])
            return {'sent': True}
        except ProcessLookupError:
            return {'sent': False}

    operations = {'listen': listeners.open, 'close': listeners.close, 'received': listeners.received, 'kill': kill}

    def serve(request):
        number = request['id']

        def reply(answer):
            say({'id': number, **answer})

        try:
            if request['op'] == 'probe':
                prober.batch(request, reply)
            else:
                reply(operations[request['op']](request))
        except Exception as error:  # The one who asked gets it; the others go on.
            reply({'error': f'{type(error).__name__}: {error}'})

    rest = b''

    def requests(_events):
        nonlocal rest
        data = os.read(0, 1 << 20)
        if not data:
            os._exit(0)
        *lines, rest = (rest + data).split(b'\n')
        for line in lines:
            serve(json.loads(line))

    loop.watch(0, select.EPOLLIN, requests)
    say({'ready': True, 'pid': int(sys.argv[1]) if len(sys.argv) > 1 else os.getpid()})
    loop.run()


main()
