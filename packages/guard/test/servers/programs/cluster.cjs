const cluster = require('node:cluster')
if (process.argv[2] === 'shared') cluster.schedulingPolicy = cluster.SCHED_NONE
if (cluster.isPrimary) for (let index = 0; index < 2; index++) cluster.fork()
else require('node:http').createServer((_request, response) => response.end('ok')).listen(3000)
