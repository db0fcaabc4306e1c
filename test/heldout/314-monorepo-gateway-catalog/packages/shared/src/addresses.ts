export interface Address {
  host: string;
  port: number;
}

/** Only the gateway is meant to be reached from other machines. */
export const addresses = {
  gateway: { host: '0.0.0.0', port: 4400 },
  catalog: { host: '127.0.0.1', port: 4401 },
} satisfies Record<string, Address>;

export function urlOf({ host, port }: Address): string {
  return `http://${host}:${port}`;
}
