import { defineConfig } from 'vite'

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  server: { host: true, port: 5173, strictPort: true },
})
