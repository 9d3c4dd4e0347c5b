// Node's own WebSocket, or that of `undici`, as a client; see shared.py for what is read and said.
"use strict";

const { readFile } = require("node:fs/promises");
const { readFileSync } = require("node:fs");
const { session } = require("./page_session.js");

async function main() {
  const Socket = process.argv[2] === "undici" ? require("undici").WebSocket : WebSocket;
  for (const spec of JSON.parse(readFileSync(0, "utf8"))) {
    console.log(JSON.stringify(await session(spec, Socket, readFile)));
  }
  process.exit(0);
}

main();
