import type { Rule } from './catalogue.ts'

/** What the packet filter's own rules show: those without effect, those that open for nobody, those that are not kept. */
export const FIREWALL_RULES: readonly Rule[] = [
  {
    id: 'firewall-not-persistent',
    title: 'Firewall rules are gone after a reboot',
    severity: 'medium',
    looksAt:
      'Running rules of iptables, ip6tables and nftables that protect a service, against what is enabled at boot and loads rules: ufw with its files, nftables, netfilter-persistent, units and scripts that call such a program. Where a file of rules is what is loaded, its rules are what there will be, with those that Docker and its like write again.',
    why: 'The rules were typed once and saved nowhere: the next reboot opens what they close, and nobody decides so.',
    fix: 'Save them where a unit that is enabled loads them (`netfilter-persistent save`, or `/etc/nftables.conf` with nftables.service), or make them with ufw.',
    requirements: ['V5', 'M12'],
  },
  {
    id: 'firewall-rule-contradicted',
    title: 'A firewall rule does the opposite of one before it, and never matches',
    severity: 'medium',
    looksAt:
      'Rules of iptables, nftables and ufw that people have written, as exact sets of packets: whether those before a rule take all that it asks for, and one of them does the opposite. Rules that ask for something unknown are passed over, and what Docker, ufw, fail2ban and their like write by themselves.',
    why: 'Somebody meant to refuse what is accepted, or to accept what is refused: rules are asked in their order, and the first that matches decides.',
    fix: 'Put the rule that is meant before the other (`iptables -I`, `ufw insert 1`, `nft insert`), and take the other out.',
    requirements: ['V5', 'M1', 'M12'],
  },
  {
    id: 'firewall-rule-hidden',
    title: 'A firewall rule can never match',
    severity: 'info',
    looksAt: 'The same, where those before it do what it would do, or the rule decides nothing by itself.',
    why: 'It has no effect: who reads it believes that it has, and who takes the others out opens or closes something else.',
    fix: 'Take it out, or put it before the rules that take its packets.',
    requirements: ['V5', 'M12'],
  },
  {
    id: 'firewall-rule-repeated',
    title: 'A firewall rule is there twice',
    severity: 'info',
    looksAt: 'Rules of one chain that ask for the same packets and do the same with them.',
    why: 'Taking one of them out changes nothing, which is found out when it matters.',
    fix: 'Take the repetition out.',
    requirements: ['V5', 'M12'],
  },
  {
    id: 'firewall-opening-unused',
    title: 'A port is open in the firewall, with nothing behind it',
    severity: 'info',
    looksAt:
      'Single ports and short ranges that rules of a person’s own accept from beyond this machine: whether a socket takes their packets, a container publishes them, a rule translates them, or a policy or file has a service for others there.',
    why: 'Whatever comes to listen there next is open from its first moment; a service behind a proxy needs no opening of its own.',
    fix: 'Take the rule out until something is to be reached there.',
    requirements: ['M12', 'V5', 'V6'],
  },
  {
    id: 'firewall-container-address',
    title: 'A firewall rule names a container address that no container has',
    severity: 'low',
    looksAt: 'Rules of a person’s own that ask for, or translate to, one address of a container network, against the containers on it.',
    why: 'The engine hands addresses out anew at each start: the rule does nothing, or holds for another container than it was written for.',
    fix: 'Name the network or the published port, or give the container a fixed address.',
    requirements: ['M1', 'M12'],
  },
]
