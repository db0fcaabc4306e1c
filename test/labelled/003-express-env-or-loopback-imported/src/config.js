/** Everything here can be changed by the environment; see README. */
export const HOST = process.env.HOST || '127.0.0.1';
export const PORT = Number(process.env.PORT || 4100);

export const limits = {
  bodySize: '256kb',
  perMinute: Number.parseInt(process.env.RATE_LIMIT ?? '60', 10),
};
