'use strict';

module.exports = {
  env: process.env.NODE_ENV || 'development',
  port: parseInt(process.env.PORT, 10) || 4310,
  carrierApi: {
    baseUrl: process.env.CARRIER_URL || 'https://carrier.example.com/v2',
    timeout: parseInt(process.env.CARRIER_TIMEOUT, 10) || 5000,
  },
};
