import { ambient } from '../ambient.ts'
import { imagesOf } from '../container-run/image.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { OF_A_PACKAGE } from '../programs/index.ts'
import { evidenceOf } from '../shell/read.ts'
import { Starts } from '../starts/index.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { npmSettings } from './npm-settings.ts'
import { packageScripts } from './scripts.ts'

const STARTS_PRODUCT = /^(?:start|serve|prod|production)(?::|$)/

export const packageJsonReader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot, tools)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      if (text === undefined) return []
      const manifest = packageScripts(text)
      const { scripts: named, problems } = manifest
      for (const { reason, origin } of problems) starts.problem(reason, origin)
      // npm runs scripts in the package's own directory (npm-run-script(1)).
      const directories = [directoryOf(path)]
      const around = ambient(directoryOf(path), starts)
      const npm = npmSettings(manifest, starts.text(joinPath(directoryOf(path), '.npmrc') ?? ''))
      const environment = new Map([...around.environment, ...npm])
      const { environmentFiles } = around
      return [...named.values()].map(({ name, passage }) => {
        const found = starts.ofScript(passage, { workingDirectory: directories[0], environment, environmentFiles, incidental: true })
        // Most files of packages that scripts start are tools; what `npm start` starts is a program.
        if (STARTS_PRODUCT.test(name))
          for (const { reading } of found)
            for (const { reason, origin } of reading.unknown) if (reason === OF_A_PACKAGE) starts.problem(reason, origin)
        return { name, found, directories, environmentName: isTestPath(path) || isTestScript(name) ? 'test' : undefined }
      })
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ name, found, environmentName }) =>
      evidenceOf(found, 'npm-script', name, environmentName, images, starts),
    )
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [], written: starts.written.documents() }
  },
}
