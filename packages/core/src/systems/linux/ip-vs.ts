/** A virtual service: `TCP  C0A80132:0050 wlc` (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show). */
const SERVICE = /^(?:(?:TCP|UDP|SCTP) {2}(?:[0-9A-F]{8}|\[[0-9a-f:]{2,45}\]):[0-9A-F]{4}|FWM {2}[0-9A-F]{8}) /gm

/** How many services of its own IPVS takes packets for, by /proc/net/ip_vs. */
export function countVirtualServices(text: string): number {
  return [...text.matchAll(SERVICE)].length
}
