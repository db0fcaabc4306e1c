import { testAgreement } from './agreement/suite.ts'

// A part of `npm run lab:agree` that every change has to pass.
await testAgreement({ seed: 1, nft: 8, iptables: 4, both: 2, ufw: 2, engines: 1, worlds: 3 })
