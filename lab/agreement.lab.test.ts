import { testAgreement } from './agreement/suite.ts'

/** `SALLYPORT_RULESETS=1` makes 50 of ufw's and Docker's, 100 a night's work; `SALLYPORT_SEED` begins elsewhere. */
const times = Number(process.env['SALLYPORT_RULESETS'] ?? 1)

await testAgreement({
  seed: Number(process.env['SALLYPORT_SEED'] ?? 1),
  nft: 10 * times,
  iptables: 8 * times,
  both: 4 * times,
  ufw: 10 * times,
  engines: 2 * times,
  worlds: 5,
})
