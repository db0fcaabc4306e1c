import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'

export const server = setupServer(http.get('http://0.0.0.0:8000/products', () => HttpResponse.json([])))
