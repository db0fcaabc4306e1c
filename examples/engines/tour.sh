#!/bin/sh
# From "here is what is wrong" to "it is right", in a copy of wrong/ that PM2 runs and nginx serves: sh tour.sh
# `sallyport` and `pm2` are the commands, or what these variables name. As root, since it reads sockets of others and puts the site in place.
set -eu
sallyport=${SALLYPORT:-sallyport}
pm2=${PM2:-pm2}
site=${SITE:-/etc/nginx/sites-enabled/engines.conf}

# 1. What is wrong: the command ends with 1.
if $sallyport check .; then
  echo 'nothing is wrong here: start with a copy of wrong/' >&2
  exit 1
fi

# 2. Repair code and configuration, all of it together.
$sallyport fix --yes

# 3. Build what is built, start everything again, and have nginx read its site.
npm run --silent build
$pm2 restart ecosystem.config.js
cp nginx/engines.conf "$site"
nginx -t -q
nginx -s reload

# 4. What is right: 100/100, once each of them listens again.
tries=0
until report=$($sallyport check . --fail-on low); do
  tries=$((tries + 1))
  if [ "$tries" -ge 20 ]; then break; fi
  sleep 1
done
printf '%s\n' "$report"
[ "$tries" -lt 20 ]
