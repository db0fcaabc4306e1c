#!/bin/sh
# Process 1 of a host: runs in fresh network, mount, pid, UTS and IPC namespaces, makes them look like a machine of its own,
# then becomes the agent. Everything mounted here vanishes with the last process of the host.
#   host-init.sh NAME nft|legacy AGENT     with LAB_SYSCTLS (lines KEY=VALUE) and LAB_IP (lines for ip -batch) in the environment
set -eu
name=$1 backend=$2 agent=$3

# Still the outer /proc: the number by which the machine knows this process.
read -r pid _ < /proc/self/stat
hostname "$name"

# Namespaces of the machine are none of this one's. Mounts are private here: nobody else loses theirs. One that its lab removes meanwhile
# is gone here by itself.
while read -r _ _ _ root path _; do
  case $root in net:*) umount -l "$path" 2> /dev/null || true ;; esac
done < /proc/self/mountinfo
if grep ' net:\[' /proc/self/mountinfo >&2; then exit 1; fi
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/lab/sys
for dir in etc var; do
  mkdir -p "/run/lab/$dir/upper" "/run/lab/$dir/work"
  mount -t overlay overlay -o "lowerdir=/$dir,upperdir=/run/lab/$dir/upper,workdir=/run/lab/$dir/work" "/$dir"
done
# A Docker that the machine may have must not shine through.
for dir in /var/lib/docker /var/lib/containerd; do
  mkdir -p "$dir"
  mount -t tmpfs -o mode=711 tmpfs "$dir"
done

# What the packages ship, not what this machine's administrator made of it.
if [ -d /usr/share/ufw/iptables ]; then cp /usr/share/ufw/iptables/*.rules /usr/share/ufw/ufw.conf /etc/ufw/; fi
rm -f /etc/docker/daemon.json

# A new sysfs shows this namespace's interfaces; the mounts on the old one (cgroups, without which no container starts) move along.
mount --rbind /sys /run/lab/sys
mount -t sysfs sysfs /sys
for dir in fs/cgroup fs/bpf kernel/tracing kernel/debug kernel/security; do
  if mountpoint -q "/run/lab/sys/$dir"; then mount --rbind "/run/lab/sys/$dir" "/sys/$dir"; fi
done
umount -R -l /run/lab/sys
rmdir /run/lab/sys
mount -t proc proc /proc

# Other kernels lack some of these files; what the caller asked for must work.
set_sysctl() { if [ -e "/proc/sys/$1" ]; then echo "$2" > "/proc/sys/$1"; fi; }
. "$(dirname "$0")/sysctls.sh"
printf '%s\n' "$LAB_SYSCTLS" | while IFS='=' read -r key value; do
  if [ -n "$key" ]; then echo "$value" > "/proc/sys/$(echo "$key" | tr . /)"; fi
done

for tool in iptables ip6tables; do
  for verb in '' -save -restore; do ln -sfn "/usr/sbin/$tool-$backend$verb" "/etc/alternatives/$tool$verb"; done
done
printf '%s\n' "$LAB_IP" | ip -batch -

exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/bin/python3 -E -s -S -B "$agent" "$pid"
