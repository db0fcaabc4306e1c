const PATHS: readonly RegExp[] = [
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|e2e|cypress|playwright|integration-tests?|test-utils?|testing)\//i,
  /[.\-_](?:test|tests|spec|e2e|e2e-spec|cy|bench)\.[cm]?[jt]sx?$/i,
  /(?:^|\/)(?:test|tests|spec)\.[cm]?[jt]sx?$/i,
  /(?:^|\/)(?:jest|vitest|playwright|cypress|karma|mocha|ava|wdio|protractor)[\w.-]*\.(?:config|conf|setup)[\w.-]*$/i,
  /(?:^|\/)(?:jest|vitest)[.-]?setup\.[cm]?[jt]s$/i,
]

/** Packages that only tests import. */
const PACKAGES =
  /(?:from\s*|import\s*(?:\(\s*)?|require\s*\(\s*)['"](?:vitest|jest|@jest\/globals|mocha|node:test|bun:test|supertest|chai|ava|tap|uvu|@playwright\/test|cypress|light-my-request|pactum|@nestjs\/testing)['"/]/

/** Functions of test runners that put them in the global scope: both, so that a function that happens to be named `test` is none. */
const GLOBALS = /^[ \t]*describe(?:\.\w+)?\s*\(/m
const CASES = /^[ \t]*(?:it|test|beforeEach|beforeAll|afterAll)(?:\.\w+)?\s*\(/m

/** Whether only tests run this file. */
export function isTestCode(path: string, content: string): boolean {
  return PATHS.some((pattern) => pattern.test(path)) || PACKAGES.test(content) || (GLOBALS.test(content) && CASES.test(content))
}
