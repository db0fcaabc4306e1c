import * as dotenv from 'dotenv';

dotenv.config();

export const env = {
  host: process.env.HOST || '127.0.0.1',
  port: Number(process.env.PORT) || 9100,
  dataDir: process.env.DATA_DIR || './data',
};
