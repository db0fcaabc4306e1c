import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab } from '../../lab/testing.ts'
import { build, check, said, shell, type TestLab } from './reach-cases.ts'

const RULES = `
iptables -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp
iptables -P INPUT DROP
iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A INPUT -p tcp --dport 21 -j ACCEPT
`

/** What FTP says of a passive connection (RFC 959 §4.1.2), to port 50000. */
const FTP = `
import socket
listeners = []
for port in (21, 50000):
    s = socket.socket()
    s.bind(('0.0.0.0', port))
    s.listen(9)
    listeners.append(s)
while True:
    c = listeners[0].accept()[0]
    c.send(b'220 ready\\r\\n')
    c.recv(99)
    c.send(b'227 Entering Passive Mode (192,168,1,10,195,80)\\r\\n')
`

const CLIENT = `
import socket
def comes(port):
    try: return socket.create_connection(('192.168.1.10', port), 1)
    except OSError: return None
print(comes(50000) is not None)
c = comes(21)
c.recv(99)
c.send(b'PASV\\r\\n')
c.recv(99)
print(comes(50000) is not None)
`

await describeLab('reach with a helper of the connection tracker', () => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await build()
    await shell(lab, 'server', RULES)
    await lab.hosts.server.spawn(['/usr/bin/python3', '-c', FTP])
    await lab.hosts.server.untilListening([{ protocol: 'tcp', port: 50_000 }])
  }, 60_000)
  afterAll(() => lab?.close())

  it('C4 · a port that only what is related comes to may be reached', async () => {
    const { stdout } = await lab.hosts.client.run(['/usr/bin/python3', '-c', CLIENT], { timeoutMs: 20_000 })
    expect(stdout.trim().split('\n')).toEqual(['False', 'True'])
    const at = (port: number) => ({ source: '192.168.1.55', from: 'lan', socket: port, at: `192.168.1.10:${port}` })
    const report = await check(lab)
    expect([said(report, at(21)), said(report, at(50_000))]).toEqual(['open', 'maybe'])
  })
})
