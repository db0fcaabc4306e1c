import { defineConfig } from 'vite'

export default defineConfig({
  server: {
    port: 5175,
    host: process.env.DEV_HOST,
  },
})
