#!/bin/sh
# Sets up the namespace of a zone, in which it runs.
#   zone-init.sh    with LAB_IP and LAB_IP6 (lines for ip -batch and ip -6 -batch) in the environment
set -eu
set_sysctl() { if [ -e "/proc/sys/$1" ]; then echo "$2" > "/proc/sys/$1"; fi; }
. "$(dirname "$0")/sysctls.sh"
# Frames between hosts cross a switch here, no packet filter.
for tool in iptables ip6tables arptables; do set_sysctl "net/bridge/bridge-nf-call-$tool" 0; done
printf '%s\n' "$LAB_IP" | ip -batch -
printf '%s\n' "$LAB_IP6" | ip -6 -batch -
