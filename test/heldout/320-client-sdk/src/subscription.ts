export class Subscription {
  private socket: WebSocket | undefined;
  private closed = false;
  private delay = 500;

  constructor(
    private readonly url: string,
    private readonly callback: (event: unknown) => void,
  ) {
    this.connect();
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private connect(): void {
    this.socket = new WebSocket(this.url);
    this.socket.onopen = () => (this.delay = 500);
    this.socket.onmessage = (message) => this.callback(JSON.parse(String(message.data)));
    this.socket.onclose = () => {
      if (this.closed) return;
      setTimeout(() => this.connect(), this.delay);
      this.delay = Math.min(this.delay * 2, 30_000);
    };
  }
}
