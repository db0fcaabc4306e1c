import type { Evidence, FileOrigin, Text, Word } from '../../evidence/index.ts'
import { imagesOf } from '../container-run/image.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { wordsOf } from '../secret.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { parseUnit, type UnitSetting } from '../systemd/unit.ts'
import { unitWords } from '../systemd/words.ts'

/** Settings that say the same as an option of `podman run`, and whether their value is several words (podman-systemd.unit(5)). */
const OPTIONS: ReadonlyMap<string, { readonly option: string; readonly isList: boolean }> = new Map([
  ['PublishPort', { option: '--publish', isList: false }],
  ['Network', { option: '--network', isList: false }],
  ['Environment', { option: '--env', isList: true }],
  ['EnvironmentFile', { option: '--env-file', isList: false }],
  ['ExposeHostPort', { option: '--expose', isList: false }],
])

export const quadletReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const units = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      return text === undefined ? [] : [{ text, settings: parseUnit(text).settings.filter(({ section }) => section === 'Container') }]
    })
    const evidence = units.flatMap(({ text, settings }): readonly Evidence[] => {
      const command = commandOf(text, settings)
      if (command === undefined) return []
      const found = starts.ofCommand(command.words, { directories: [directoryOf(text.path), ''], incidental: true }, command.origin)
      const images = imagesOf([], starts)
      return evidenceOf(found, 'docker-run', nameOf(text.path), undefined, images, starts).map((item) =>
        item.claim.claim === 'compose-service' ? evidenceIn(snapshot.context, { ...item.claim, manager: 'Podman' }, item.origin) : item,
      )
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

/** The unit as the `podman run` that Podman makes of it. */
function commandOf(
  text: Text,
  settings: readonly UnitSetting[],
): { readonly words: readonly Word[]; readonly origin: FileOrigin } | undefined {
  const last = (key: string): UnitSetting | undefined => settings.findLast((one) => one.key === key)
  const image = last('Image')
  if (image === undefined) return undefined
  const origin = text.origin(image.start, image.end)
  const given: { readonly text: string; readonly origin: FileOrigin }[] = ['podman', 'run'].map((word) => ({ text: word, origin }))
  const name = last('ContainerName')?.value.content.trim() ?? nameOf(text.path).replace(/\.container$/, '')
  given.push({ text: '--name', origin }, { text: name, origin })
  for (const { key, value, start, end } of settings) {
    const option = OPTIONS.get(key)
    if (option === undefined) continue
    const place = text.origin(start, end)
    const values = option.isList ? unitWords(value.content).map((word) => word.text) : [value.content.trim()]
    for (const one of values) given.push({ text: option.option, origin: place }, { text: one, origin: place })
  }
  given.push({ text: image.value.content.trim(), origin })
  const exec = last('Exec')
  for (const word of exec === undefined ? [] : unitWords(exec.value.content))
    given.push({ text: word.text, origin: text.origin(exec?.start ?? 0, exec?.end ?? 0) })
  const words = given.map((word) => ({
    value: { kind: 'known' as const, value: word.text, origin: word.origin },
    source: word.text,
    origin: word.origin,
  }))
  return { words: wordsOf(words), origin }
}
