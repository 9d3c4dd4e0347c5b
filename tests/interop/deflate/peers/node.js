// Node's libraries as peers of compressed sessions; see ../peers.py for how each is run:
//     node node.js LIBRARY server PORT OPTIONS | LIBRARY client URL OPTIONS MESSAGES
// A server echoes; a client has each message of the file echoed before it sends the next.
"use strict";

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");

const PATIENCE = 8_000; // milliseconds, for a session
const MOST = 64 << 20; // of a message, where a library has less
const [library, role, where, written, file] = process.argv.slice(2);
const options = JSON.parse(written || "null");

/** A server that refuses what is no upgrade; without a handler, Node never answers. */
function plain() {
  return createServer((_, response) => response.writeHead(426).end());
}

function listening(http) {
  http.listen(Number(where), "127.0.0.1", () => console.log("listening"));
}

const SERVERS = {
  ws() {
    const { WebSocketServer } = require("ws");
    const http = plain();
    const server = new WebSocketServer({ server: http, perMessageDeflate: options ?? true });
    server.on("connection", (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
      socket.on("error", (error) => console.log("error", error.message));
    });
    listening(http);
  },
  "faye-websocket"() {
    const Faye = require("faye-websocket");
    const extensions = [require("permessage-deflate").configure(options ?? {})];
    const http = plain();
    http.on("upgrade", (request, stream, head) => {
      const socket = new Faye(request, stream, head, [], { extensions });
      socket.on("message", ({ data }) => socket.send(data));
    });
    listening(http);
  },
  websocket() {
    const { server: Server } = require("websocket");
    const http = plain();
    const limits = { maxReceivedFrameSize: MOST, maxReceivedMessageSize: MOST };
    const server = new Server({ httpServer: http, ...limits });
    server.on("request", (request) => request.accept(null, request.origin));
    server.on("connect", (socket) => {
      socket.on("message", ({ type, utf8Data, binaryData }) =>
        type === "utf8" ? socket.sendUTF(utf8Data) : socket.sendBytes(binaryData),
      );
    });
    listening(http);
  },
  /** Bun's, which is uWebSockets. */
  own() {
    Bun.serve({
      hostname: "127.0.0.1",
      port: Number(where),
      fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("no")),
      websocket: {
        perMessageDeflate: true,
        maxPayloadLength: MOST,
        backpressureLimit: 2 * MOST,
        message: (socket, message) => void socket.send(message, true),
      },
    });
    console.log("listening");
  },
};

/** What is in the API of pages, which all clients here have. */
const CLIENTS = {
  ws: () => new (require("ws").WebSocket)(where, { perMessageDeflate: options ?? true }),
  "faye-websocket"() {
    const extensions = [require("permessage-deflate").configure(options ?? {})];
    return new (require("faye-websocket").Client)(where, [], { extensions });
  },
  websocket: () => new (require("websocket").w3cwebsocket)(where),
  undici: () => new (require("undici").WebSocket)(where),
  own: () => new WebSocket(where),
};

function client() {
  const messages = JSON.parse(readFileSync(file, "utf8"));
  const socket = CLIENTS[library]();
  const fail = (why) => {
    console.log(`failed: ${why}`);
    process.exit(1);
  };
  let echoed = 0;
  const next = () => (echoed < messages.length ? socket.send(messages[echoed]) : socket.close(1000));
  socket.onopen = next;
  socket.onerror = (event) => fail(event.message || "error");
  socket.onmessage = ({ data }) => {
    if (data !== messages[echoed]) fail("another message came back");
    echoed += 1;
    next();
  };
  socket.onclose = ({ code }) => {
    if (code !== 1000 || echoed !== messages.length) fail(`closed with ${code} after ${echoed}`);
    console.log("ok");
    process.exit(0);
  };
  setTimeout(() => fail("too slow"), PATIENCE).unref();
}

if (role === "server") SERVERS[library]();
else client();
