// Node's `ws` as a peer; see shared.py for what is read and said.
"use strict";

const { createHash } = require("node:crypto");
const { once } = require("node:events");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { WebSocket, WebSocketServer } = require("ws");

const PATIENCE = 15_000; // milliseconds, for a session
const KEY = "dGVzdC1rZXk";
const PREFIX = "openai-insecure-api-key.";
const ORIGIN = "https://page.example";
const CHAT = ["chat.v2", "chat.v1"];

function parts(octets, count) {
  const each = Math.max(1, Math.ceil(octets.length / count));
  return Array.from({ length: count }, (_, at) => octets.subarray(at * each, (at + 1) * each));
}

function sendFragments(socket, octets, count, binary) {
  const all = parts(octets, count);
  all.forEach((part, at) => socket.send(part, { binary, fin: at === count - 1 }));
}

async function session({ cell, url, subprotocols, origin, deflate, actions }) {
  const events = [];
  const digest = createHash("sha256");
  const socket = new WebSocket(url, subprotocols, { origin, perMessageDeflate: deflate });
  let messages = 0;
  let news = () => {};
  const note = (...event) => {
    events.push(event);
    news();
  };
  const ended = new Promise((resolve) => {
    socket.on("close", (code, reason) => {
      if (events[0]?.[0] === "open") note("close", code, reason.toString());
      resolve();
    });
    socket.on("unexpected-response", (request, { statusCode }) => {
      note("refused", statusCode);
      request.destroy();
      resolve();
    });
    setTimeout(resolve, PATIENCE).unref();
  });
  socket.on("error", (error) => note("failed", error.message));
  socket.on("ping", (data) => note("ping", data.toString()));
  socket.on("pong", (data) => note("pong", data.toString()));
  socket.on("message", (data, isBinary) => {
    messages += 1;
    if (!isBinary) return note("text", data.toString());
    digest.update(data);
    note("binary", data.length);
  });

  async function perform([verb, ...rest]) {
    if (verb === "close" || verb === "ping") return socket[verb](...rest);
    if (verb === "await") {
      while (messages < rest[0]) await new Promise((resolve) => (news = resolve));
      return;
    }
    const isText = verb === "text";
    const octets = isText ? Buffer.from(rest[0]) : readFileSync(rest[0]);
    const count = rest.at(-1);
    for (let at = 0; at < Math.max(1, octets.length); at += isText ? octets.length + 1 : rest[1]) {
      const message = isText ? octets : octets.subarray(at, at + rest[1]);
      if (count > 1) sendFragments(socket, message, count, !isText);
      else socket.send(message, { binary: !isText });
    }
  }

  const isOpen = await Promise.race([once(socket, "open").then(() => true, () => false), ended]);
  if (isOpen) {
    events.unshift(["open", socket.protocol, socket.extensions]);
    const performed = (async () => {
      for (const action of actions) await perform(action);
    })();
    await Promise.race([performed, ended]);
    await ended;
  }
  return { cell, events, sha256: digest.digest("hex") };
}

async function client() {
  for (const spec of JSON.parse(readFileSync(0, "utf8"))) {
    console.log(JSON.stringify(await session(spec)));
  }
}

function log(line) {
  console.log(JSON.stringify(line));
}

/** The status to refuse with, if any, and the subprotocol to select, if any. */
function decide(path, offered, origin) {
  const isOffer = (...names) => offered.join() === names.join();
  switch (path.split("/")[1]) {
    case "chat":
      return [null, CHAT.find((name) => offered.includes(name))];
    case "pair":
      return isOffer("token", KEY) ? [null, "token"] : [401];
    case "prefix":
      return isOffer("realtime", PREFIX + KEY) ? [null, "realtime"] : [401];
    case "origin":
      return origin === ORIGIN ? [null] : [403];
    default:
      return [null];
  }
}

function answer(socket, data, isBinary) {
  const [, verb, rest] = (!isBinary && /^\/(\w+) (.*)$/s.exec(data.toString())) || [];
  if (verb === "ping") return socket.ping(rest);
  const [, number, text] = (verb && /^(\d+) ?(.*)$/s.exec(rest)) || [];
  if (verb === "close") return socket.close(Number(number), text);
  if (verb === "fragments") return sendFragments(socket, Buffer.from(text), Number(number), false);
  socket.send(data, { binary: isBinary });
}

function server(port) {
  const handleProtocols = (_, request) => request.selected ?? false;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, handleProtocols });
  const http = createServer();
  http.on("upgrade", (request, stream, head) => {
    const { url, headers } = request;
    const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    const [status, selected] = decide(url, offered, headers.origin);
    if (status) {
      log({ path: url, refused: status });
      const fields = "Connection: close\r\nContent-Length: 0";
      return stream.end(`HTTP/1.1 ${status} Refused\r\n${fields}\r\n\r\n`);
    }
    request.selected = selected;
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on("message", (data, isBinary) => answer(socket, data, isBinary));
      socket.on("pong", (data) => socket.send(`/pong ${data}`));
      socket.on("error", (error) => log({ path: url, error: error.message }));
      socket.on("close", (code, reason) => log({ path: url, close: [code, reason.toString()] }));
    });
  });
  http.listen(port, "127.0.0.1", () => console.log("listening"));
}

const [role, port] = process.argv.slice(2);
if (role === "client") client().then(() => process.exit(0));
else server(Number(port));
