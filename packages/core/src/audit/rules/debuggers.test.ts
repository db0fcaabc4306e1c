import { describe, expect, it } from 'vitest'
import { type Process, show } from '../../evidence/index.ts'
import { debuggerOn } from './debuggers.ts'

const process = (command: string, environment: Readonly<Record<string, string>> = {}): Process => ({
  claim: 'process',
  pid: 1,
  parent: 0,
  name: 'x',
  command: command.split(' ').map((word) => show(word)),
  namespace: '1',
  environment: new Map(Object.entries(environment)),
})

describe('a debugger', () => {
  it.each([
    ['node --inspect server.js', 9229, 'the Node inspector'],
    ['node --inspect-brk=0.0.0.0 server.js', 9229, 'the Node inspector'],
    ['node --inspect=0.0.0.0:23460 server.js', 23460, 'the Node inspector'],
    ['node --inspect-brk=23460 server.js', 23460, 'the Node inspector'],
    ['node --inspect=[::]:23460 server.js', 23460, 'the Node inspector'],
    ['node --inspect-port=0.0.0.0:23460 server.js', 23460, 'the Node inspector'],
    ['python -m debugpy --listen 0.0.0.0:5679 app.py', 5679, 'debugpy'],
    ['/usr/bin/python3 /lib/debugpy/adapter --for-server 40000 --host 0.0.0.0 --port 5679', 5679, 'debugpy'],
    ['dlv debug --headless --listen=:4000', 4000, 'Delve'],
    ['/go/bin/dlv exec ./app -l 0.0.0.0:4000', 4000, 'Delve'],
    ['gdbserver :4444 ./app', 4444, 'gdbserver'],
    ['lldb-server gdbserver *:4444 ./app', 4444, 'gdbserver'],
    ['java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 -jar a.jar', 5005, 'the Java debugger'],
    ['java -Xrunjdwp:transport=dt_socket,address=8787,server=y a', 8787, 'the Java debugger'],
    ['chrome --headless --remote-debugging-port=9333', 9333, 'the Chrome debugger'],
    ['rdbg --open --port 12345 -- app.rb', 12345, 'the Ruby debugger'],
  ])('is known by what it was told: %s', (command, port, title) => {
    expect(debuggerOn(process(command), port)).toBe(title)
    expect(debuggerOn(process(command), port + 1)).toBeUndefined()
  })

  it('is known by a variable', () => {
    expect(debuggerOn(process('node a.js', { NODE_OPTIONS: '--no-warnings --inspect=0.0.0.0:23460' }), 23460)).toBe('the Node inspector')
    expect(debuggerOn(process('java a', { JAVA_TOOL_OPTIONS: '-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005' }), 5005)).toBe(
      'the Java debugger',
    )
  })

  it.each([
    ['node server.js --port 9229', 9229],
    ['gunicorn --listen 0.0.0.0:5678 app', 5678],
    ['java -agentlib:jdwp=transport=dt_socket,server=n,address=192.0.2.7:5005 a', 5005],
    ['vim /srv/debugpy/adapter.py --port', 5678],
    ['rails server --port 12345', 12345],
  ])('is not what looks like one: %s', (command, port) => {
    expect(debuggerOn(process(command), port)).toBeUndefined()
  })
})
