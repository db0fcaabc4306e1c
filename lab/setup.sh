#!/bin/bash
# Installs the Debian packages that the lab and its tests use (packages.txt beside this file). Run as root:  sudo npm run lab:setup
# Installing starts no service: a policy-rc.d that denies it stands in for the machine's own meanwhile. Quick if all is there.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

list=$(dirname "${BASH_SOURCE[0]}")/packages.txt
policy=/usr/sbin/policy-rc.d
kept=$policy.before-lab
mark='# by lab:setup, only while it runs'

say() { echo "lab:setup: $*" >&2; }
present() { [ -e "$1" ] || [ -L "$1" ]; }
all_there() { [ $# -gt 0 ] && for program; do command -v "$program" > /dev/null || return 1; done; }

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  say "needs Debian or Ubuntu; elsewhere install by hand what $list names"
  exit 2
fi

missing=()
while read -r package programs; do
  # shellcheck disable=SC2086  # words on purpose
  if all_there $programs; then continue; fi
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done < <(grep -E '^[a-z0-9]' "$list")

if [ ${#missing[@]} -eq 0 ]; then
  say 'every package is there'
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  say "needs root to install ${missing[*]}"
  exit 2
fi

restore() {
  rm -f "$policy"
  if present "$kept"; then mv "$kept" "$policy"; fi
}
# Ours, left by a run that was killed, goes; the machine's own is kept, also the copy which that run kept.
if present "$policy"; then
  if grep -qsxF "$mark" "$policy"; then rm -f "$policy"; else mv "$policy" "$kept"; fi
fi
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\n%s\nexit 101\n' "$mark" > "$policy"
chmod 755 "$policy"

say "installing ${missing[*]}"
apt-get update -qq
apt-get install -qq --yes --no-install-recommends "${missing[@]}"
say 'done'
