// Node's `ws` as the peer of an example; see `run` for its arguments.
"use strict";

const { on, once } = require("node:events");
const { readFileSync } = require("node:fs");
const { WebSocket, WebSocketServer } = require("ws");

const PATIENCE = 20_000; // milliseconds, for all that one run does
const THRESHOLD = 64; // octets, from which on the examples compress text
const CLOSE = { code: 4001, reason: "c'est ça 👋" };

function check(isRight, what) {
  if (!isRight) throw new Error(what);
}

/** {server_max_window_bits: 9, client_no_context_takeover: true} */
function parameters(header) {
  const [name, ...rest] = header.split("; ");
  check(name === "permessage-deflate", `negotiated '${header}'`);
  const pairs = rest.map((parameter) => parameter.split("="));
  return Object.fromEntries(pairs.map(([name, value]) => [name, value ? Number(value) : true]));
}

function isNegotiated(header, expected) {
  const sorted = (parameters) => JSON.stringify(Object.entries(parameters).sort());
  check(sorted(parameters(header ?? "")) === sorted(expected), `negotiated '${header}'`);
}

/** The compressed length of each message, null of a plain one. */
function watch(socket) {
  const taken = [];
  let length = null;
  const extension = socket._extensions["permessage-deflate"];
  const decompress = extension.decompress.bind(extension);
  extension.decompress = (data, ...rest) => {
    length = data.length;
    decompress(data, ...rest);
  };
  socket.on("message", () => {
    taken.push(length);
    length = null;
  });
  return taken;
}

function send(socket, { octets, binary, sent }) {
  if (sent !== "fragments") return socket.send(octets, { binary, compress: sent !== "plain" });
  const third = Math.floor(octets.length / 3);
  socket.send(octets.subarray(0, third), { binary, compress: true, fin: false });
  socket.ping("between");
  socket.send(octets.subarray(third, 2 * third), { compress: true, fin: false });
  socket.send(octets.subarray(2 * third), { compress: true, fin: true });
}

async function converse(socket, messages, takeover) {
  const taken = watch(socket);
  const echoes = on(socket, "message", { close: ["close"] });
  let pongs = 0;
  socket.on("pong", (data) => (pongs += data.toString() === "between"));

  const half = messages.length >> 1;
  const single = messages.slice(0, half).map((message) => [message]);
  for (const batch of [...single, messages.slice(half)]) {
    batch.forEach((message) => send(socket, message));
    for (const { octets, binary } of batch) {
      const { done, value } = await echoes.next();
      check(!done, "closed early");
      const isEqual = value[1] === binary && octets.equals(value[0]);
      check(isEqual, `the echo of ${octets.length} octets differs`);
    }
  }
  const pings = messages.filter(({ sent }) => sent === "fragments").length;
  check(pongs === pings, `${pongs} of ${pings} pings were answered`);
  judge(taken, messages, takeover);

  socket.close(CLOSE.code, CLOSE.reason);
  const [code] = await once(socket, "close");
  check(code === CLOSE.code, `closed with ${code}`);
}

/** Whether the example compressed its text, and took its context over or did not. */
function judge(taken, sent, takeover) {
  sent.forEach(({ octets: { length }, binary }, at) => {
    const isRight = binary || (taken[at] !== null) === (length >= THRESHOLD);
    check(isRight, `a text of ${length} octets took ${taken[at]} compressed`);
  });
  const isTwin = ({ octets }, at) => octets.length > 0 && sent[at - 1]?.octets.equals(octets);
  const twin = sent.findIndex(isTwin);
  const shrunk = taken[twin] !== null && taken[twin] < sent[twin].octets.length / 2;
  check(shrunk === takeover, `the second of two equal messages took ${taken[twin]} octets`);
}

/** Two connections at once. */
async function client(port, messages, expected, perMessageDeflate) {
  const session = async (messages) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate });
    let answer;
    socket.once("upgrade", ({ headers }) => (answer = headers["sec-websocket-extensions"]));
    await once(socket, "open");
    isNegotiated(answer, expected);
    await converse(socket, messages, !expected.server_no_context_takeover);
  };
  await Promise.all([session(messages), session(messages.toReversed())]);
}

/** As the Autobahn suite: a connection that tells the number of cases, the cases, an end. */
async function server(port, messages, expected, perMessageDeflate) {
  const cases = new Map([["1", messages], ["2", messages.toReversed()]]);
  const listener = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate });
  listener.on("listening", () => console.log("listening"));
  listener.on("headers", (headers, request) => {
    const name = "sec-websocket-extensions: ";
    const line = headers.find((line) => line.toLowerCase().startsWith(name));
    request.answer = line?.slice(name.length);
  });
  const handle = async (socket, request) => {
    const { pathname, searchParams } = new URL(request.url, "ws://127.0.0.1");
    if (pathname === "/runCase") {
      const number = searchParams.get("case");
      isNegotiated(request.answer, expected);
      await converse(socket, cases.get(number), !expected.client_no_context_takeover);
      cases.delete(number);
      return;
    }
    if (pathname === "/getCaseCount") socket.send(String(cases.size));
    if (pathname === "/updateReports") {
      check(cases.size === 0, `cases ${[...cases.keys()]} were not run`);
    }
    socket.close(1000);
    await once(socket, "close");
    if (pathname === "/updateReports") listener.emit("done");
  };
  listener.on("connection", (socket, request) => {
    handle(socket, request).catch((error) => listener.emit("error", error));
  });
  await once(listener, "done");
}

function main() {
  const [role, port, file, header, asks] = process.argv.slice(2);
  const expected = parameters(header);
  const options = { threshold: 0 };
  if (asks === "peer") {
    for (const [name, value] of Object.entries(expected)) {
      options[name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())] = value;
    }
  }
  const messages = JSON.parse(readFileSync(file, "utf8")).map(({ text, binary, sent }) => ({
    octets: text === undefined ? Buffer.from(binary, "base64") : Buffer.from(text),
    binary: text === undefined,
    sent,
  }));
  const fail = (error) => {
    console.error(`${error.name}: ${error.message}`);
    process.exit(1);
  };
  setTimeout(() => fail(new Error("timed out")), PATIENCE);
  const roles = { client, server };
  roles[role](Number(port), messages, expected, options).then(() => process.exit(0), fail);
}

main();
