# Sourced by what sets up a namespace, which defines set_sysctl FILE VALUE (absent files are skipped: kernels differ).

# A new namespace inherits these from the machine (net.core.devconf_inherit_init_net); a lab starts from the kernel's own defaults
# everywhere. Forwarding first: it changes others. Then every interface, for those here already have taken the inherited values.
set_sysctl net/ipv4/ip_forward 0
set_sysctl net/ipv6/conf/all/forwarding 0
for path in /proc/sys/net/ipv4/conf/*; do
  where=net/ipv4/conf/${path##*/}
  for key in rp_filter route_localnet accept_local arp_ignore arp_filter; do set_sysctl "$where/$key" 0; done
done
# Addresses are usable at once: no duplicate address detection, no router advertisements.
for path in /proc/sys/net/ipv6/conf/*; do
  where=net/ipv6/conf/${path##*/}
  for key in accept_dad accept_ra disable_ipv6; do set_sysctl "$where/$key" 0; done
done

# Rejections are never withheld: a rate limit would make them look like drops.
set_sysctl net/ipv4/icmp_ratelimit 0
set_sysctl net/ipv4/icmp_ratemask 0
set_sysctl net/ipv4/icmp_msgs_per_sec 1000000
set_sysctl net/ipv4/icmp_msgs_burst 1000000
set_sysctl net/ipv6/icmp/ratelimit 0

# Many connections at once, none lost for want of a queue.
set_sysctl net/core/somaxconn 8192
set_sysctl net/ipv4/tcp_max_syn_backlog 8192
