import { byFact, byHand, byRules, type Item } from '../item.ts'

/** C: of every deployment. */
export const COMMON: readonly Item[] = [
  byFact(
    ['C1.policy', 'before', 'One policy file says who may reach what, and its tests hold'],
    'claims',
    ['policy', 'machine', 'running'],
    'a proxy leads only those to a service who come to the proxy',
  ),
  byFact(
    ['C1.accepted', 'continuous', 'What was accepted for a while has not run out'],
    'accepted',
    ['policy'],
    'text lists what is accepted, by whom and until when; what was not read has a place without a line',
  ),
  byFact(
    ['C2.reached', 'after', 'Nothing on this machine can be reached from beyond it that is not meant to be'],
    'onlyMeantReached',
    ['policy', 'machine'],
    'C1 · init writes a policy with which check finds only what is worth finding',
  ),
  byRules(
    ['C2.families', 'after', 'What is closed by IPv4 is closed by IPv6 too; no debugger, database or administration is open'],
    ['ipv6-unfiltered', 'debugger-reachable', 'datastore-reachable'],
    ['machine'],
    'is told where it is open to all, and IPv4 to some addresses, or to none',
  ),
  byHand(
    ['C3.explained', 'after', 'Every verdict is understood: its path is read, step by step'],
    'the path of each service that others reach, and what stops those that they do not',
    'sallyport explain SERVICE --from internet',
    'explain shows the translation, and says that ufw was never asked',
  ),
  byFact(
    ['C4.decided', 'after', 'No verdict is open: whatever could not be seen or understood has been made visible'],
    'decided',
    ['policy', 'machine'],
    'nothing is left undecided where everything was seen',
  ),
  byHand(
    ['C5.secrets', 'continuous', 'No secret is in a log, a report or an answer'],
    'search the logs of the services for the first characters of each key; what Sallyport prints has `[redacted]` in place of them',
    'sallyport logs',
    'nothing that was said has the key in it',
  ),
  byHand(
    ['C6.changes', 'continuous', 'Nothing is changed without being shown first; the way back is known'],
    'the changes that undo knows of, before anything is fixed by hand',
    'sallyport undo',
  ),
  byHand(
    ['C7.checklist', 'before', 'Every item of this list has been gone through; those by hand are ticked off by a person'],
    'the items by hand above, each with what to look at',
    'sallyport checklist',
    'every numbered line of the requirements has an item',
  ),
]
