// Stands in PATH as `aws`, before an account that is the file ACCOUNT: groups, instances and databases. Every call is a line of CALLS.
// What the real one would refuse ends with its error; what it does not know here ends with 252, as unknown arguments do there.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

const { ACCOUNT, CALLS, FAIL_AT } = process.env
const [service, command, ...rest] = process.argv.slice(2)
appendFileSync(CALLS, `${JSON.stringify(process.argv.slice(2))}\n`)
const account = JSON.parse(readFileSync(ACCOUNT, 'utf8'))
const options = new Map()
for (let index = 0; index < rest.length; ) {
  const name = rest[index++]
  if (!name.startsWith('--')) stop(252, `Unknown options: ${name}`)
  const values = []
  while (index < rest.length && !rest[index].startsWith('--')) values.push(rest[index++])
  options.set(name, values)
}
if (FAIL_AT !== undefined && readFileSync(CALLS, 'utf8').split('\n').length - 1 >= Number(FAIL_AT))
  stop(255, 'Could not connect to the endpoint URL')

const one = (name) => options.get(name)?.[0] ?? stop(252, `the following arguments are required: ${name}`)
const groupOf = (id) =>
  account.SecurityGroups.find(({ GroupId }) => GroupId === id) ?? stop(254, `An error occurred (InvalidGroup.NotFound): ${id}`)

const COMMANDS = {
  'ec2 describe-security-groups': () => {
    const filters = options.get('--filters').map((text) => /^Name=([a-z-]+),Values=(.*)$/.exec(text).slice(1))
    const found = account.SecurityGroups.filter((group) =>
      filters.every(([name, value]) => (name === 'vpc-id' ? group.VpcId : group.GroupName) === value),
    )
    print(found.map(({ GroupId }) => GroupId).join('\t'))
  },
  'ec2 create-security-group': () => {
    const [VpcId, GroupName] = [one('--vpc-id'), one('--group-name')]
    if (account.SecurityGroups.some((group) => group.VpcId === VpcId && group.GroupName === GroupName))
      stop(254, '(InvalidGroup.Duplicate)')
    const GroupId = `sg-0new${String(account.SecurityGroups.length).padStart(13, '0')}`
    account.SecurityGroups.push({ GroupId, GroupName, VpcId, Description: one('--description'), IpPermissions: [] })
    print(GroupId)
  },
  'ec2 authorize-security-group-ingress': () => {
    const group = groupOf(one('--group-id'))
    for (const permission of JSON.parse(one('--ip-permissions'))) {
      for (const { GroupId } of permission.UserIdGroupPairs ?? []) groupOf(GroupId)
      if (group.IpPermissions.some((other) => same(other, permission))) stop(254, 'An error occurred (InvalidPermission.Duplicate)')
      group.IpPermissions.push(permission)
    }
  },
  'ec2 revoke-security-group-ingress': () => {
    const group = groupOf(one('--group-id'))
    for (const permission of JSON.parse(one('--ip-permissions'))) {
      const at = group.IpPermissions.findIndex((other) => same(other, permission))
      if (at < 0) stop(254, 'An error occurred (InvalidPermission.NotFound)')
      group.IpPermissions.splice(at, 1)
    }
  },
  'ec2 describe-instances': () => print(members(one('--instance-ids')).join('\t')),
  'ec2 modify-instance-attribute': () => move(one('--instance-id'), options.get('--groups')),
  'rds describe-db-instances': () => print(members(one('--db-instance-identifier')).join('\t')),
  'rds modify-db-instance': () => move(one('--db-instance-identifier'), options.get('--vpc-security-group-ids')),
}

const run = COMMANDS[`${service} ${command}`] ?? stop(252, `argument operation: Invalid choice: ${service} ${command}`)
run()
writeFileSync(ACCOUNT, JSON.stringify(account))

function members(id) {
  return account.Members[id] ?? stop(254, `An error occurred (InvalidInstanceID.NotFound): ${id}`)
}

function move(id, groups) {
  members(id)
  if (groups.length === 0) stop(252, 'expected at least one argument')
  for (const group of groups) groupOf(group)
  account.Members[id] = groups
}

/** AWS tells rules apart by what they let in and not by their description. */
function same(a, b) {
  return JSON.stringify(keyOf(a)) === JSON.stringify(keyOf(b))
}

function keyOf({ IpProtocol, FromPort = -1, ToPort = -1, IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] }) {
  return [
    { 6: 'tcp', 17: 'udp' }[IpProtocol] ?? IpProtocol,
    FromPort,
    ToPort,
    IpRanges.map(({ CidrIp }) => CidrIp),
    Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    UserIdGroupPairs.map(({ GroupId }) => GroupId),
    PrefixListIds.map(({ PrefixListId }) => PrefixListId),
  ]
}

function print(text) {
  process.stdout.write(`${text}\n`)
}

function stop(code, text) {
  process.stderr.write(`${text}\n`)
  process.exit(code)
}
