import { env, envInt } from './utils/env.js';

export const config = {
  http: {
    host: env('HTTP_HOST', '0.0.0.0'),
    port: envInt('HTTP_PORT', 7340),
  },
  stock: {
    refreshMs: envInt('STOCK_REFRESH_MS', 30_000),
  },
} as const;
