import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConmon, readPassing, readStoredImages } from './index.ts'

const ID = '98cb112ea5655581efbb79714dab63801d3bf7e3472bf0198cb84ef13e163e6f'
const STORAGE = '/var/lib/containers/storage/vfs-containers'
/** As podman 4.3.1 starts it. */
const CONMON =
  `/usr/bin/conmon --api-version 1 -c ${ID} -u ${ID} -r /usr/bin/runc -b ${STORAGE}/${ID}/userdata -p /run/containers/storage/vfs-containers/${ID}/userdata/pidfile -n web --exit-dir /run/libpod/exits --full-attach -l k8s-file:${STORAGE}/${ID}/userdata/ctr.log --log-level warning --exit-command /usr/bin/podman --exit-command-arg --root --exit-command-arg /var/lib/containers/storage`.split(
    ' ',
  )
const changed = (from: string, to: string) => CONMON.map((word) => (word === from ? to : word))

describe('conmon', () => {
  it('says of which container it is, and where that is stored', () => {
    expect(readConmon(CONMON)).toEqual({ id: ID, name: 'web', storage: `${STORAGE}/containers.json` })
  })

  it.each([
    ['of CRI-O', changed('/usr/bin/podman', '/usr/bin/crio')],
    ['of podman exec', [...CONMON, '--exec-process-spec', '/run/exec-process-1']],
    ['without a container', changed(ID, 'web')],
    ['another program', ['conmon', '-c']],
  ])('%s is of no container that runs by it', (_, words) => {
    expect(readConmon(words)).toBeUndefined()
  })

  it('is none in any other words', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => readConmon(words) === undefined && readStoredImages(words.join(' ')).size === 0),
    )
  })
})

describe('programs of rootless networking', () => {
  const path = '/run/user/1000/netns/netns-bf466a40-741f-48fe-bade-1c6aa17e8da2'

  it('slirp4netns that publishes is told the container, else the namespace', () => {
    const before = ['/usr/bin/slirp4netns', '-c', '-e', '3']
    const after = ['--netns-type=path', path, 'tap0']
    expect(readPassing([...before, '--api-socket', `/run/user/1000/libpod/tmp/${ID}.net`, ...after])).toEqual({ kind: 'id', id: ID })
    expect(readPassing([...before, ...after])).toEqual({ kind: 'namespace', path })
  })

  it('pasta is told the namespace', () => {
    expect(readPassing(['/usr/bin/pasta', '--config-net', '-t', '8080-8080:80-80', '--netns', path])).toEqual({ kind: 'namespace', path })
    expect(readPassing(['/usr/bin/pasta', '--config-net'])).toBeUndefined()
  })

  it('a user’s own bridges have a namespace together', () => {
    const shared = '/run/user/1000/netns/rootless-netns-7d3a8f2e1b'
    expect(readPassing(['slirp4netns', '-c', '--netns-type=path', shared, 'tap0'])).toEqual({ kind: 'namespace', path: shared })
  })
})

describe('what is stored of containers', () => {
  it('is the image’s name', () => {
    const text = JSON.stringify([
      { id: ID, names: ['web'], image: 'df9d', metadata: '{"image-name":"localhost/shop:1","image-id":"df9d","name":"web"}' },
      { id: 'b', metadata: 'cut {' },
      { id: 7 },
    ])
    expect(readStoredImages(text)).toEqual(new Map([[ID, 'localhost/shop:1']]))
  })

  it.each(['', '{', 'null', '[null, 1]', '{"id": {}}'])('%s tells nothing', (text) => {
    expect(readStoredImages(text).size).toBe(0)
  })
})
