import { testGoldenSources } from '../../../test/golden-sources.ts'
import { read } from './read.ts'

testGoldenSources(new URL('golden/', import.meta.url), { source: /\.pyw?$/, read }, { count: 60, words: 'sixty' })
