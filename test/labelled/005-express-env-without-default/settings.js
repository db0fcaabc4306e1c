'use strict'

module.exports = {
  // set by the machine's provisioning
  bindAddress: process.env.BIND_ADDRESS,
  port: parseInt(process.env.PORT, 10) || 5050,
  queue: process.env.QUEUE || 'zebra',
}
