// Node's libraries as clients that echo, by the contract of conformance's `client`:
//     node client.js ws|websocket|undici URL
"use strict";

const [library, url] = process.argv.slice(2);

const OPEN = {
  ws: (where) => new (require("ws").WebSocket)(where, { maxPayload: 64 << 20 }),
  undici: (where) => new (require("undici").WebSocket)(where),
  websocket: (where) => {
    const limits = { maxReceivedFrameSize: 64 << 20, maxReceivedMessageSize: 64 << 20 };
    const { w3cwebsocket } = require("websocket");
    return new w3cwebsocket(where, undefined, undefined, undefined, undefined, limits);
  },
};

/** Echoes until the connection ends, however it ends; what the first text was. */
function echo(path) {
  return new Promise((resolve) => {
    const socket = OPEN[library](`${url}/${path}`);
    let first;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      first ??= data;
      try {
        socket.send(data);
      } catch {} // it was closed meanwhile
    };
    socket.onerror = () => setTimeout(() => resolve(first), 500); // undici fires no close then
    socket.onclose = () => resolve(first);
  });
}

async function main() {
  const count = Number(await echo("getCaseCount"));
  for (let number = 1; number <= count; number++) {
    await echo(`runCase?case=${number}&agent=${library}`);
  }
  await echo(`updateReports?agent=${library}`);
  process.exit(0);
}

process.on("uncaughtException", (error) => console.log("uncaught", error.message));
main();
