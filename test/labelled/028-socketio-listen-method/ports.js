exports.httpPort = 4443
exports.realtimePort = exports.httpPort + 1
