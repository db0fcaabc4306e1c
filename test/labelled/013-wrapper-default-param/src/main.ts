import express from 'express';
import { startServer } from './start-server.js';

const ANY = '0.0.0.0';

const reasoning = express();
reasoning.get('/health', (_req, res) => void res.send('ok'));

const vision = express();
vision.get('/health', (_req, res) => void res.send('ok'));

startServer('reasoning', reasoning, 7101);
startServer('vision', vision, 7102, ANY);
