import { Subscription } from './subscription.js';

export interface TideClientOptions {
  host?: string;
  port?: number;
  secure?: boolean;
}

export interface Station {
  id: string;
  name: string;
  level: number;
}

export class TideClient {
  private readonly authority: string;
  private readonly secure: boolean;

  constructor({ host = 'localhost', port = 9200, secure = false }: TideClientOptions = {}) {
    this.authority = `${host}:${port}`;
    this.secure = secure;
  }

  async stations(): Promise<Station[]> {
    const response = await fetch(`${this.secure ? 'https' : 'http'}://${this.authority}/stations`);
    if (!response.ok) throw new Error(`stations: ${response.status}`);
    return (await response.json()) as Station[];
  }

  /** Calls back for every event of a topic. */
  listen(topic: string, callback: (event: unknown) => void): Subscription {
    return new Subscription(`${this.secure ? 'wss' : 'ws'}://${this.authority}/events/${topic}`, callback);
  }
}
