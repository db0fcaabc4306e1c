import type { Evidence } from '../../evidence/index.ts'
import { Starts } from '../starts/index.ts'
import type { Reader } from '../system.ts'
import { Loader } from './model.ts'
import { projectName, projectsOf } from './projects.ts'
import { serviceEvidence } from './service.ts'
import { inSwarm, isStackFile } from './swarm.ts'

export const composeReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const loader = new Loader(starts)
    const models = projectsOf(snapshot.matched, loader).map((project) => ({ project, model: loader.model(project.files, project.values) }))
    const evidence = models.flatMap(({ project, model }): readonly Evidence[] => {
      // A file that another one includes or extends is read there.
      if (project.files.length === 1 && project.files.every((file) => loader.referred.has(file))) return []
      const at = {
        project: projectName(project, model.name),
        files: project.files,
        environment: project.environment,
        model,
        loader,
        starts,
      }
      const evidence = [...model.services.values()].flatMap((service) => serviceEvidence(service, at))
      return project.files.some(isStackFile) ? evidence.map(inSwarm) : evidence
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}
