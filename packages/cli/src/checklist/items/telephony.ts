import { byHand, byRules, type Item } from '../item.ts'

/** I: a telephony platform on AWS. The account is not read: what is in it is by hand. */
export const TELEPHONY: readonly Item[] = [
  byHand(
    [
      'I1.groups',
      'before',
      'One security group per role: API: 22 from the admin address, 80 and 443 from anywhere; FreeSWITCH: 22 from the admin address, 5060 TCP and UDP and 16384–32768 UDP from anywhere, 8021 from the API’s group only',
    ],
    'the rendered groups against AWS console, EC2, Security Groups, Inbound rules: rule by rule the same, and nothing else',
    'sallyport render terraform',
  ),
  byHand(
    ['I2.unneeded', 'before', 'What a role does not need is removed: no 5060 and no RTP on the API server'],
    'inbound rules of the API’s group that the rendered one has not: each is revoked',
    'sallyport render aws-cli',
  ),
  byHand(
    ['I3.ssh', 'before', 'SSH only from the admin address; no 0.0.0.0/0 and no ::/0 on 22'],
    'Inbound rules of every group that has 22, IPv6 rules too, and split prefixes (0.0.0.0/1, 128.0.0.0/1)',
    'aws ec2 describe-security-groups --filters Name=ip-permission.from-port,Values=22',
  ),
  byHand(
    ['I4.references', 'before', 'A rule that refers to a group admits the hosts that are meant, and no others'],
    'which network interfaces are in the group that a rule names: EC2, Network Interfaces, filtered by the group',
    'aws ec2 describe-network-interfaces --filters Name=group-id,Values=GROUP',
    'a host behind security groups, whose evidence is given',
  ),
  byHand(
    [
      'I5.data',
      'before',
      'Database and cache sit in private subnets, take connections from the two servers only, encrypt in transit and at rest',
    ],
    'RDS and ElastiCache consoles: Publicly accessible: No; subnet group without a route to an internet gateway; Encryption: enabled; parameter rds.force_ssl',
    'aws rds describe-db-instances',
  ),
  byRules(
    ['I8.proxy', 'before', 'nginx in front; the direct port is closed'],
    ['proxy-bypassed', 'proxy-target'],
    ['policy', 'routes', 'proxy', 'machine'],
    'V6 · production on 9849, behind nginx: no finding, and the direct port is closed',
  ),
  byHand(
    ['I8.limit', 'before', 'TLS, and 10 requests/s per client'],
    'what explain names on the way through nginx: TLS, and “at most 10r/s”',
    'sallyport explain SERVICE --from internet',
    'E7 · with what each location asks for',
  ),
  byHand(
    ['I9.keys', 'before', 'API keys: created, listed, revoked, hashed at rest, each with its own rate limit; input is validated'],
    'the table of keys holds hashes; a revoked key gets 401; two keys have limits of their own',
    'sallyport verify URL',
    'each caller has a limit of its own, and its key may be told by its hash alone',
  ),
  byHand(
    ['I10.s3', 'before', 'S3: public access blocked, encryption, versioning, lifecycle (expire after 90 days)'],
    'S3 console, each bucket: Permissions (Block all public access: On), Properties (Versioning, Default encryption), Management (Lifecycle rules)',
    'sallyport render terraform',
  ),
  byHand(
    ['I11.alarms', 'before', 'CloudWatch alarms: failed SSH, API errors, database connections'],
    'CloudWatch, All alarms: the three are there, none in “Insufficient data”, and their topic has a confirmed subscriber',
    'sallyport render terraform',
  ),
  byHand(
    ['I12.bans', 'before', 'Bans after 5 failures: SSH, SIP on FreeSWITCH, the API'],
    '`fail2ban-client status` lists the three jails; a sixth failure from a test address is refused',
    'sallyport render fail2ban',
  ),
  byHand(
    ['I13.diagram', 'before', 'The network diagram is drawn from the policy and from what is really there'],
    'the drawing against the account: every host, group and way in is on it',
    'sallyport render diagram',
  ),
  byHand(
    ['I14.shared', 'before', 'No two hosts with different roles share a security group'],
    'EC2, Instances: the groups of the API and of the FreeSWITCH server; the plan says how to split them, and what it costs ($0.00)',
    'sallyport render aws-cli',
  ),
  byRules(
    ['I8.closed', 'after', 'Nothing of a server is reached that the policy does not give to others: 3000 refuses'],
    ['private-reachable', 'undeclared-listener'],
    ['policy', 'machine', 'running'],
    'E6 · from other hosts nginx answers, and no engine does',
  ),
  byHand(
    [
      'I7.rules',
      'after',
      'The rules now in force are listed, and tested: SSH answers from the admin address and from nowhere else; 3000 refuses',
    ],
    'from the admin address: `ssh` answers; from another network (a phone): port 22 and 3000 do not',
    'aws ec2 describe-security-group-rules',
  ),
  byHand(
    ['I7.logs', 'continuous', 'Failed SSH logins, refused requests and bans are looked at'],
    'the stream of refusals; addresses that appear often are banned',
    'sallyport logs --security --follow',
  ),
  byHand(
    [
      'I6.address',
      'incident',
      'The admin address has changed: every rule that names it changes, in every group, keeping its description (`SSH from home`), and so does `aws-infrastructure-ids.txt` (`API_SG`, `FREESWITCH_SG`, `SSH_ALLOWED_IP`)',
    ],
    'the new rule is authorised before the old one is revoked, under the right `AWS_PROFILE`; then SSH from the new address answers, and from the old one does not',
    'sallyport render aws-cli',
  ),
]
