import { defineConfig } from 'vite'

export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/style-guide/' : '/',
  server: { host: true, port: 5173 },
}))
