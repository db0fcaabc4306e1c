require('node:dgram').createSocket('udp4').bind(3000)
