import { testGoldenSources } from '../../../test/golden-sources.ts'
import { go } from './index.ts'
import { read } from './read.ts'

testGoldenSources(new URL('golden/', import.meta.url), { source: go.reads[0]?.path ?? /^$/, read }, { count: 30, words: 'thirty' })
