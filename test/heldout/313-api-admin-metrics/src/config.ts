export interface Endpoint {
  host?: string;
  port: number;
}

const int = (value: string | undefined, fallback: number) => (value ? parseInt(value, 10) : fallback);

export const endpoints: Record<'api' | 'admin', Endpoint> = {
  api: { port: int(process.env.API_PORT, 3200) },
  admin: { host: '127.0.0.1', port: int(process.env.ADMIN_PORT, 3201) },
};

export const METRICS_PORT = 9464;
