import { testAgreement } from './agreement/suite.ts'

// A part of `npm run lab:agree` that every change has to pass.
await testAgreement({
  shows: { what: 'what is computed of a packet filter is what packets do', lines: 'M1, V5' },
  regressions: true,
  seed: 1,
  packets: 400,
  rulesets: {
    nft: 6,
    'iptables-nft': 3,
    'iptables-legacy': 3,
    both: 2,
    'own-nft': 4,
    'own-legacy': 4,
    'ufw-nft': 1,
    'ufw-legacy': 1,
    docker: 1,
    'docker-ufw': 1,
    'docker-ufw-legacy': 1,
  },
})
