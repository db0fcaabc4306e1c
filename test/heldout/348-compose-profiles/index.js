const Koa = require('koa');
const { MongoClient } = require('mongodb');

const client = new MongoClient('mongodb://mongo:27017');
const notes = client.db('wall').collection('notes');

const app = new Koa();

app.use(async (ctx) => {
  if (ctx.method === 'GET' && ctx.path === '/notes') {
    ctx.body = await notes.find().sort({ _id: -1 }).limit(100).toArray();
  }
});

app.listen(8080);
