import { printable } from '../../evidence/index.ts'
import { items, parseJson, textField } from '../json.ts'

/** Of each container in `containers.json` of containers/storage the name of its image, by the container's id; what cannot be read is left out. */
export function readStoredImages(text: string): ReadonlyMap<string, string> {
  return new Map(
    items(parseJson(text)).flatMap((item): readonly (readonly [string, string])[] => {
      const id = textField(item, 'id')
      // Podman's own words on it are JSON within a string (libpod/storage.go, RuntimeContainerMetadata).
      const image = textField(parseJson(textField(item, 'metadata') ?? ''), 'image-name')
      return id === undefined || image === undefined ? [] : [[id, printable(image)]]
    }),
  )
}
