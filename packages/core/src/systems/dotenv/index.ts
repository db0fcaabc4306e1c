import type { System } from '../system.ts'

/** `.env` files: variables that programs and compose load from a file. */
export const dotenv: System = {
  name: 'dotenv',
  title: '.env file',
  // `.env.patch`, `.env.d.ts`, `.env.enc` and their like are files of another kind.
  reads: [
    {
      path: /(?:^|\/)(?:\.env(?:\.(?!(?:[\w.-]*[.-])?(?:patch|diff|md|[cm]?[jt]sx?|json|ya?ml|py|sh|txt|lock|bak|old|orig|swp|enc|gpg|age|sops|vault)$)[\w.-]+)?|\.flaskenv|[\w.-]+\.env)$/,
    },
  ],
  load: async () => (await import('./read.ts')).dotenvReader,
}
