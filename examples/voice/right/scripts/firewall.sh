#!/bin/sh
# Development: the office network may come to the API and to SSH, and nobody to the ports that everybody tries.
set -eu
ufw default deny incoming
ufw allow from 192.168.1.0/24 to any port 22 proto tcp
ufw allow from 192.168.1.0/24 to any port 9847 proto tcp
for port in 80 443 3000 5000 8000 8080; do
  ufw deny "$port/tcp"
done
ufw --force enable
