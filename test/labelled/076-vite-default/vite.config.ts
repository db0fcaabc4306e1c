import { defineConfig } from 'vite'

export default defineConfig({
  server: {
    open: false,
    // host: '0.0.0.0',
    proxy: {
      '/api': 'http://0.0.0.0:8000',
    },
  },
})
