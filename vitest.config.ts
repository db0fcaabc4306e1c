import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'test/*.test.ts',
      'test/examples/*.test.ts',
      'test/lab/*.test.ts',
      'test/labelled/*.test.ts',
      'lab/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', ...(process.env['SALLYPORT_AGREE'] === '1' ? [] : ['lab/agreement.lab.test.ts'])],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Some tests of linear time and of real services feel the load of a shared machine; what fails three times is wrong.
    retry: process.env['CI'] === 'true' ? 2 : 0,
  },
})
