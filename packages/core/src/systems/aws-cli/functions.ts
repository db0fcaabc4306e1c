/** What the script's commands have in common, written once where one of them needs it. Each of them can be run again. */
export const FUNCTIONS: Readonly<Record<'group' | 'known' | 'unlessThere' | 'authorise' | 'revoke' | 'plus' | 'minus', string>> = {
  group: `# The id of the group NAME of the VPC, which is made with DESCRIPTION where it is not there.
group() {
  local id
  id=$(aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC_ID" "Name=group-name,Values=$1" --query 'SecurityGroups[].GroupId' --output text) || return 1
  if [ -z "$id" ] || [ "$id" = None ]; then
    id=$(aws ec2 create-security-group --vpc-id "$VPC_ID" --group-name "$1" --description "$2" --query GroupId --output text) || return 1
  fi
  printf '%s\\n' "$id"
}
`,
  known: `# The id of the group NAME of the VPC, which has to be there.
known() {
  local id
  id=$(aws ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC_ID" "Name=group-name,Values=$1" --query 'SecurityGroups[].GroupId' --output text) || return 1
  if [ -z "$id" ] || [ "$id" = None ]; then
    printf 'there is no security group %s in %s\\n' "$1" "$VPC_ID" >&2
    return 1
  fi
  printf '%s\\n' "$id"
}
`,
  unlessThere: `# Runs a command; that what it makes is there already (SAID is part of what aws says then) is as good.
unless_there() {
  local said=$1 answer
  shift
  if ! answer=$("$@" 2>&1); then
    case $answer in
      *"$said"*) return 0 ;;
    esac
    printf '%s\\n' "$answer" >&2
    return 1
  fi
}
`,
  authorise: `# A rule that is there already stays as it is, with its description.
authorise() {
  unless_there InvalidPermission.Duplicate aws ec2 authorize-security-group-ingress --group-id "$1" --ip-permissions "$2"
}
`,
  revoke: `revoke() {
  unless_there InvalidPermission.NotFound aws ec2 revoke-security-group-ingress --group-id "$1" --ip-permissions "$2"
}
`,
  plus: `# A list of groups with one more, unless it is among them.
plus() {
  local new=$1 each
  shift
  printf '%s\\n' "$@"
  for each in "$@"; do [ "$each" != "$new" ] || return 0; done
  printf '%s\\n' "$new"
}
`,
  minus: `# A list of groups without one.
minus() {
  local old=$1 each
  shift
  for each in "$@"; do [ "$each" = "$old" ] || printf '%s\\n' "$each"; done
}
`,
}

/** How the groups of a host are listed and replaced, by what the host is. */
export interface Mover {
  /** Its groups, as text, blanks between. */
  readonly list: (id: string) => string
  /** The whole list that takes their place goes after it. */
  readonly replace: (id: string) => string
}

export const MOVERS: Readonly<Record<'machine' | 'rds' | 'elasticache', Mover>> = {
  machine: {
    list: (id) =>
      `aws ec2 describe-instances --instance-ids ${id} --query 'Reservations[].Instances[].SecurityGroups[].GroupId' --output text`,
    replace: (id) => `aws ec2 modify-instance-attribute --instance-id ${id} --groups`,
  },
  rds: {
    list: (id) =>
      `aws rds describe-db-instances --db-instance-identifier ${id} --query 'DBInstances[].VpcSecurityGroups[].VpcSecurityGroupId' --output text`,
    replace: (id) => `aws rds modify-db-instance --apply-immediately --db-instance-identifier ${id} --vpc-security-group-ids`,
  },
  elasticache: {
    list: (id) =>
      `aws elasticache describe-cache-clusters --cache-cluster-id ${id} --query 'CacheClusters[].SecurityGroups[].SecurityGroupId' --output text`,
    replace: (id) => `aws elasticache modify-cache-cluster --apply-immediately --cache-cluster-id ${id} --security-group-ids`,
  },
}
