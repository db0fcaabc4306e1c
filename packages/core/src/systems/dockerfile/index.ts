import type { System } from '../system.ts'

/** Dockerfiles: what a container of the image starts. */
export const dockerfile: System = {
  name: 'dockerfile',
  title: 'Dockerfile',
  reads: [
    {
      path: /(?:^|\/)(?:(?:Dockerfile|Containerfile)(?:[._-][\w.-]+)?|[\w.-]+\.(?:[Dd]ockerfile|[Cc]ontainerfile))$/,
      contains: /^\s*FROM\s/im,
    },
  ],
  load: async () => (await import('./read.ts')).dockerfileReader,
}
