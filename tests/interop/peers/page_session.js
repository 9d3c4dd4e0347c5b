// A session through the WebSocket that pages have, for whoever has that: browsers and Node.
"use strict";

/** Self-contained, as it is sent to a page. `load` gets the octets of a file. */
async function session(spec, Socket, load) {
  const PATIENCE = 15_000; // milliseconds
  const { cell, url, subprotocols, origin, actions } = spec;
  const isSaid = (action) => action[0] === "text" || action[0] === "binary";
  if (actions.some(([verb]) => verb === "ping") && !("ping" in Socket.prototype)) {
    return { cell, cannot: "its `WebSocket` has no `ping`" };
  }
  if (actions.some((action) => isSaid(action) && action.at(-1) > 1)) {
    return { cell, cannot: "its `send` takes whole messages" };
  }

  const events = [];
  const received = [];
  let messages = 0;
  let news = () => {};
  const note = (...event) => {
    events.push(event);
    news();
  };
  // A page has the origin that it came from; Node can be given one.
  const headers = origin && typeof window === "undefined" ? { origin } : null;
  const socket = new Socket(url, headers ? { protocols: subprotocols, headers } : subprotocols);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    messages += 1;
    if (typeof data === "string") return note("text", data);
    if (!(data instanceof ArrayBuffer)) return note("binary", String(data));
    received.push(new Uint8Array(data));
    note("binary", data.byteLength);
  };

  const opened = new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  const later = (time) => new Promise((resolve) => setTimeout(resolve, time, null));

  async function perform([verb, ...rest]) {
    if (verb === "close") return socket.close(...rest);
    if (verb === "text") return socket.send(rest[0]);
    if (verb === "await") {
      while (messages < rest[0]) await new Promise((resolve) => (news = resolve));
      if (socket.bufferedAmount) note("failed", `bufferedAmount is ${socket.bufferedAmount}`);
      return;
    }
    const [path, cut] = rest;
    const octets = new Uint8Array(await load(path));
    for (let at = 0; at < octets.length; at += cut) socket.send(octets.subarray(at, at + cut));
  }

  async function converse() {
    if (!(await opened)) {
      const close = await Promise.race([closed, later(1000)]);
      note("failed", close && close.code);
      return close && close.wasClean;
    }
    note("open", socket.protocol, socket.extensions);
    for (const action of actions) await perform(action);
    const close = await closed;
    note("close", close.code, close.reason);
    return close.wasClean;
  }

  const tooLate = later(PATIENCE).then(() => note("failed", "timed out"));
  const clean = await Promise.race([converse(), tooLate]);
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(received).arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, "0"));
  return { cell, subprotocols, events, clean, sha256: hex.join("") };
}

module.exports = { session };
