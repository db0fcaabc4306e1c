#!/bin/sh
# From "here is what is wrong" to "it is right", in a copy of wrong/ that PM2 runs and nginx serves, as README.md says: sh …/tour.sh
# As root, since it reads sockets of others and puts the site in place. SALLYPORT names the command, where it is not that of this repository.
set -eu
built=$(cd "$(dirname "$0")" && pwd)/../../packages/cli/dist/main.js
site=${SITE:-/etc/nginx/sites-enabled/engines.conf}

sallyport() {
  if [ -n "${SALLYPORT:-}" ]; then $SALLYPORT "$@"; else node "$built" "$@"; fi
}

# With the commands of this folder's packages, or of those above it.
with_packages() {
  npm exec --offline --silent -c "$1"
}

needs() {
  printf 'tour.sh needs %s\nNothing was changed.\n' "$1" >&2
  exit 2
}

# 0. What all of it needs, before anything is changed.
if [ ! -e ecosystem.config.js ] || [ ! -e nginx/engines.conf ]; then
  needs 'to be called in a copy of wrong/: cp -r examples/engines/wrong /tmp/engines && cd /tmp/engines'
fi
[ "$(id -u)" -eq 0 ] || needs 'root: sudo sh …/tour.sh'
sallyport --version >/dev/null 2>&1 || needs 'Sallyport: npm start in the repository builds it'
for command in esbuild pm2; do
  with_packages "command -v $command" >/dev/null 2>&1 || needs "$command: npm install, in this folder"
done
python3 -c 'import fastapi, uvicorn' 2>/dev/null || needs 'FastAPI and uvicorn: apt install python3-fastapi python3-uvicorn'
command -v nginx >/dev/null && pgrep -x nginx >/dev/null || needs 'nginx to run here: apt install nginx, systemctl start nginx'
nginx -t -q || needs 'a configuration of nginx that is valid: README.md has how its certificate is made'

# 1. What is wrong: the command ends with 1.
ended=0
sallyport check . || ended=$?
case $ended in
  1) ;;
  0) needs 'something that is wrong: a fresh copy of wrong/' ;;
  *) needs 'an answer of sallyport check' ;;
esac

# 2. Repair code and configuration, all of it together.
sallyport fix --yes

# 3. Build what is built, start everything again, and have nginx read its site.
npm run --silent build
with_packages 'pm2 restart ecosystem.config.js'
cp nginx/engines.conf "$site"
nginx -t -q
nginx -s reload

# 4. What is right: nothing is found any more of the services that the policy declares, once each of them listens again.
left() {
  sallyport check . --format json --fail-on never | node -e "
    const { findings, services } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
    const declared = new Set(services.filter((service) => service.declared).map(({ name }) => name))
    console.log(findings.filter(({ service }) => declared.has(service)).map(({ rule, service }) => service + ': ' + rule).join(', '))"
}
tries=0
until found=$(left) && [ -z "$found" ]; do
  tries=$((tries + 1))
  printf 'not yet, try %s of 20: %s\n' "$tries" "$found" >&2
  if [ "$tries" -ge 20 ]; then break; fi
  sleep 1
done
sallyport check . --fail-on never
if [ -n "$found" ]; then
  printf '\nThis is still found, though the files are right: %s\n' "$found" >&2
  exit 1
fi
printf '\nOf the services that sallyport.yaml declares nothing is found any more. What is found above, if anything is, is of what else runs on this machine.\n'
