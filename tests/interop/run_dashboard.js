// The dashboard's connection without its page: node run_dashboard.js DASHBOARD.js URL. Prints its state, and a line for
// each message.
'use strict';

global.WebSocket = require('ws');
const { watch } = require(require('path').resolve(process.argv[2]));

watch(process.argv[3], ['factory/+/state', 'factory/done/+', 'orders/#'], {
  state: (now) => console.log(now),
  message: (topic, payload) => console.log(`${topic} ${payload}`),
});
