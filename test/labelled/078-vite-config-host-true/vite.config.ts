import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = {
  server: {
    port: 3000,
    strictPort: true,
    host: true, // reachable from the phone
    proxy: { '/api': { target: 'http://127.0.0.1:8000', changeOrigin: true } },
  },
}

export default defineConfig(config)
