import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { logger } from 'hono/logger';

type Booking = { room: string; from: string; to: string };

const bookings: Booking[] = [];
const app = new Hono();

app.use(logger());
app.get('/bookings', (c) => c.json(bookings));
app.post('/bookings', async (c) => {
  const booking = await c.req.json<Booking>();
  const clash = bookings.some((b) => b.room === booking.room && b.from < booking.to && booking.from < b.to);
  if (clash) return c.json({ error: 'room is taken' }, 409);
  bookings.push(booking);
  return c.json(booking, 201);
});

const port = Number(process.env.PORT) || 8790;
const hostname = process.env.BIND_HOST;

serve({ fetch: app.fetch, hostname, port }, ({ address, port }) => {
  console.log(`room-booking on ${address}:${port}`);
});
