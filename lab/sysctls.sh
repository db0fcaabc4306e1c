# Sourced by what sets up a namespace, which defines set_sysctl FILE VALUE (absent files are skipped: kernels differ).

# Addresses are usable at once: no duplicate address detection, no router advertisements.
for where in all default; do
  set_sysctl "net/ipv6/conf/$where/accept_dad" 0
  set_sysctl "net/ipv6/conf/$where/accept_ra" 0
  set_sysctl "net/ipv6/conf/$where/disable_ipv6" 0
  # A new namespace inherits these from the machine; here every lab starts from the kernel's own default.
  set_sysctl "net/ipv4/conf/$where/rp_filter" 0
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
