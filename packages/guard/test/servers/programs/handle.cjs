// A handle that was bound by no server.
const { TCP, constants } = process.binding('tcp_wrap')
const handle = new TCP(constants.SERVER)
handle.bind('0.0.0.0', 3000)
require('node:http').createServer().listen(handle)
