// A scripted client on MQTT.js: reads a plan as JSON from standard input, prints what happens as JSON lines.
// The plan and the lines are those of paho_client.py, so that one check drives both.
'use strict';

const mqtt = require('mqtt');

const plan = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const v5 = plan.version === 5;

const say = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

function properties(fields = {}) {
  if (!v5) return undefined;
  const result = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'user') {
      result.userProperties = {};
      for (const [name, text] of value) {
        const before = result.userProperties[name];
        result.userProperties[name] = before === undefined ? text : [].concat(before, text);
      }
    } else if (key === 'correlation') result.correlationData = Buffer.from(value);
    else if (key === 'content_type') result.contentType = value;
    else if (key === 'response_topic') result.responseTopic = value;
    else if (key === 'expiry') result.messageExpiryInterval = value;
    else if (key === 'format') result.payloadFormatIndicator = value === 1;
    else if (key === 'session_expiry') result.sessionExpiryInterval = value;
    else if (key === 'will_delay') result.willDelayInterval = value;
    else if (key === 'receive_maximum') result.receiveMaximum = value;
    else if (key === 'subscription_id') result.subscriptionIdentifier = value;
    else throw new Error(`no such property: ${key}`);
  }
  return result;
}

function propertiesOf(packet) {
  const given = packet.properties || {};
  const result = {};
  if (given.contentType !== undefined) result.content_type = given.contentType;
  if (given.responseTopic !== undefined) result.response_topic = given.responseTopic;
  if (given.messageExpiryInterval !== undefined) result.expiry = given.messageExpiryInterval;
  if (given.payloadFormatIndicator !== undefined) result.format = Number(given.payloadFormatIndicator);
  if (given.correlationData !== undefined) result.correlation = given.correlationData.toString();
  if (given.subscriptionIdentifier !== undefined) result.subscription_ids = [].concat(given.subscriptionIdentifier);
  if (given.userProperties !== undefined) {
    result.user = [];
    for (const [name, values] of Object.entries(given.userProperties)) {
      for (const value of [].concat(values)) result.user.push([name, value]);
    }
  }
  return result;
}

const options = {
  host: plan.host,
  port: plan.port,
  protocol: plan.protocol || 'mqtt',
  path: '/mqtt',
  ca: plan.cafile ? require('fs').readFileSync(plan.cafile) : undefined,
  protocolId: plan.version === 3 ? 'MQIsdp' : 'MQTT',
  protocolVersion: plan.version,
  clientId: plan.id,
  clean: plan.clean !== false,
  keepalive: plan.keepalive === undefined ? 60 : plan.keepalive,
  reconnectPeriod: 0,
  properties: properties(plan.connect_properties),
};
if (plan.will) options.will = { ...plan.will, properties: properties(plan.will.properties) };

const client = mqtt.connect(options);
let left = (plan.publish || []).length;

function publishAll() {
  for (const one of plan.publish || []) {
    const payload = one.payload_size ? 'x'.repeat(one.payload_size) : one.payload;
    const how = { qos: one.qos || 0, retain: one.retain || false, properties: properties(one.properties) };
    client.publish(one.topic, payload, how, (problem) => {
      if (problem) say('error', { text: problem.message });
      left -= 1;
      if (left === 0) {
        say('published', { count: plan.publish.length });
        if (!plan.stay) client.end();
      }
    });
  }
  if (left === 0 && !plan.stay) client.end();
}

client.on('connect', (packet) => {
  say('connected', { session_present: packet.sessionPresent, code: packet.returnCode || packet.reasonCode || 0 });
  if (!(plan.subscribe || []).length) return publishAll();
  const filters = {};
  for (const [filter, qos] of plan.subscribe) filters[filter] = { qos };
  client.subscribe(filters, { properties: properties(plan.subscribe_properties) }, (problem, granted) => {
    if (problem) return say('error', { text: problem.message });
    say('subscribed', { codes: granted.map((one) => one.qos) });
    publishAll();
  });
});
client.on('message', (topic, payload, packet) => say('message', {
  topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain, properties: propertiesOf(packet),
}));
client.on('disconnect', (packet) => say('disconnect', { reason: packet.reasonCode || 0 }));
client.on('error', (problem) => say('error', { text: problem.message, code: problem.code }));
client.on('close', () => {
  say('closed');
  process.exitCode = 0;
});
process.on('SIGTERM', () => client.end());
