import { testAgreement } from './agreement/suite.ts'

// A part of `npm run lab:agree -- --only rendered-nftables` and the like that every change has to pass.
await testAgreement({
  shows: { what: 'what is rendered from a policy lets in what the policy says', lines: 'M1, M12, V5, C1' },
  regressions: false,
  seed: 1,
  packets: 300,
  rulesets: {
    'rendered-nftables': 8,
    'rendered-iptables': 4,
    'rendered-iptables-legacy': 4,
    'rendered-ufw': 1,
    'rendered-ufw-legacy': 1,
    'rendered-nftables-docker': 2,
    'rendered-iptables-docker': 1,
    'rendered-ufw-docker': 1,
  },
})
