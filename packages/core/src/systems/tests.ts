/** Directories of tests, by the names that test runners and people give them. */
const DIRECTORY = /(?:^|\/)(?:tests?|__tests__|e2e|specs?|fixtures?|_?unit-tests?|integration[_-]tests?|testdata)\//i

/** Whether a file is there for tests only. */
export function isTestPath(path: string): boolean {
  return DIRECTORY.test(path)
}

/** Whether a script of a package.json runs tests: `test`, `test:e2e`, `pretest`. */
export function isTestScript(name: string): boolean {
  return /^(?:pre|post)?(?:test|e2e|spec|coverage)(?:$|[:._-])/i.test(name)
}
