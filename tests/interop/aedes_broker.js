// The broker aedes on a port of 127.0.0.1: node aedes_broker.js PORT
const net = require('net')
const aedes = require('aedes')()

net.createServer(aedes.handle).listen(Number(process.argv[2]), '127.0.0.1')
