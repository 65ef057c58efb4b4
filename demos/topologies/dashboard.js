// All the MQTT that a page needs to watch a bus: connects over WebSocket with MQTT 3.1.1, subscribes at QoS 0, and comes
// back when the connection is lost.
'use strict';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as it travels: two bytes of length, then UTF-8. */
function text(value) {
  const bytes = encoder.encode(value);
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

/** A whole packet: its first byte, the length of the rest, the rest. */
function packet(first, rest) {
  const length = [];
  for (let left = rest.length; ; left >>= 7) {
    length.push((left & 127) | (left > 127 ? 128 : 0));
    if (left <= 127) break;
  }
  return new Uint8Array([first, ...length, ...rest]);
}

/**
 * Takes the first packet off the front of some bytes.
 * @returns {{first: number, body: Uint8Array, size: number} | null} null: it isn't whole yet
 */
function takePacket(bytes) {
  let length = 0;
  for (let at = 1; at < Math.min(bytes.length, 5); at += 1) {
    length += (bytes[at] & 127) * 128 ** (at - 1);
    if (bytes[at] < 128) {
      const size = at + 1 + length;
      return bytes.length < size ? null : { first: bytes[0], body: bytes.subarray(at + 1, size), size };
    }
  }
  return null;
}

/** Watches filters at a broker: `on.message(topic, text)`, `on.state('up' or 'down')`. @returns a function that ends it */
function watch(url, filters, on) {
  const socket = new WebSocket(url, 'mqtt');
  let received = new Uint8Array();
  let ended = false;
  let pings = null;
  socket.binaryType = 'arraybuffer';
  const next = { end() { ended = true; socket.close(); } };

  socket.onopen = () => {
    const id = 'dashboard-' + Math.random().toString(36).slice(2, 10);
    socket.send(packet(0x10, [...text('MQTT'), 4, 2, 0, 30, ...text(id)])); // clean session, keep-alive 30 s
  };
  socket.onmessage = (event) => {
    const more = new Uint8Array(event.data);
    const all = new Uint8Array(received.length + more.length);
    all.set(received);
    all.set(more, received.length);
    received = all;
    for (let one = takePacket(received); one; one = takePacket(received)) {
      received = received.subarray(one.size);
      handle(one);
    }
  };
  socket.onclose = () => {
    clearInterval(pings);
    on.state('down');
    if (!ended) setTimeout(() => { if (!ended) next.end = watch(url, filters, on); }, 1000);
  };

  function handle({ first, body }) {
    const type = first >> 4;
    if (type === 2 && body[1] === 0) { // CONNACK
      socket.send(packet(0x82, [0, 1, ...filters.flatMap((filter) => [...text(filter), 0])]));
      pings = setInterval(() => socket.send(packet(0xc0, [])), 20000);
      on.state('up');
    } else if (type === 3) { // PUBLISH, QoS 0: a topic, then the payload
      const size = body[0] * 256 + body[1];
      on.message(decoder.decode(body.subarray(2, 2 + size)), decoder.decode(body.subarray(2 + size)));
    }
  }
  return () => next.end();
}

if (typeof module !== 'undefined') module.exports = { watch };
