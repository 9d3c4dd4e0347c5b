// A session of an SDK in Chromium, in a page of http://127.0.0.1; see ../run for its arguments.
// Prints what came of it, or what went wrong.
//
// browser.mjs PACKAGES VERSION listen|speak|refused key|token URL CREDENTIAL WAV
//
// A page learns nothing of a handshake, so what went over the wire comes from the DevTools
// protocol. PUPPETEER and CHROMIUM name the packages of the driver and the browser, PAGE_PORT is
// where the page is served, EVENTS the file that what was heard is written to.

import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { check } from "./script.mjs";

const [packages, version, session, kind, url, secret, wav] = process.argv.slice(2);
const { PUPPETEER, CHROMIUM, PAGE_PORT, EVENTS } = process.env;
const { default: puppeteer } = await import(
  createRequire(`${PUPPETEER}/`).resolve("puppeteer-core"),
);
const builds = { 4: "dist/umd/deepgram.js", 5: "dist/browser/index.global.js" };

const own = (name) => new URL(name, import.meta.url);
// Version 4 makes a Buffer of audio, also in browsers; pages bring one along.
const buffer = "globalThis.Buffer = { from: (audio) => new Uint8Array(audio) }";
const scripts = `<script>${version === "4" ? buffer : ""}</script><script src=sdk.js></script>`;
const files = {
  "/": ["text/html", Buffer.from(`<!doctype html>${scripts}`)],
  "/sdk.js": ["text/javascript", `${packages}/node_modules/@deepgram/sdk/${builds[version]}`],
  "/script.mjs": ["text/javascript", own("script.mjs")],
  "/adapter.mjs": ["text/javascript", own(`v${version}.mjs`)],
  "/speech.wav": ["audio/wav", wav],
};

const server = createServer(({ url }, response) => {
  const [type, file] = files[url] ?? [];
  if (!type) return response.writeHead(404).end();
  response.setHeader("Content-Type", type);
  response.end(Buffer.isBuffer(file) ? file : readFileSync(file));
});

/** Runs in the page. */
async function converse(session, url, credential) {
  const script = await import("/script.mjs");
  const { connect } = await import("/adapter.mjs");
  const sdk = globalThis.Deepgram ?? globalThis.deepgram;
  const open = (service) =>
    connect(sdk, service, url, credential, service === "speak" ? script.SPEAK : script.LISTEN);
  try {
    const end = await open(session === "speak" ? "speak" : "listen");
    if (session === "refused") await script.refused(end);
    else if (session === "speak") await script.speak(end);
    else await script.listen(end, await (await fetch("/speech.wav")).arrayBuffer());
    return { events: end.heard.events, summary: script.summary(end.heard) };
  } catch (wrong) {
    return { wrong: wrong.message };
  }
}

/** What goes over the wire in the handshakes of a page. */
async function watch(page) {
  const wire = {};
  const devtools = await page.createCDPSession();
  await devtools.send("Network.enable");
  devtools.on("Network.webSocketWillSendHandshakeRequest", ({ request }) => {
    wire.offered = request.headers["Sec-WebSocket-Protocol"];
    wire.authorization = request.headers.Authorization;
  });
  devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => {
    wire.status = response.status;
    wire.selected = response.headers["Sec-WebSocket-Protocol"];
  });
  devtools.on("Network.webSocketFrameError", ({ errorMessage }) => (wire.error = errorMessage));
  return wire;
}

function checkWire({ offered, authorization, status, selected, error }) {
  const marker = { key: "token", token: "bearer" }[kind];
  const [first, key, name, id, ...more] = offered.split(", ");
  check(first === marker && key === secret, `offered ${offered}`);
  const pair = { 4: [undefined, undefined], 5: ["x-deepgram-session-id", 36] }[version];
  check(name === pair[0] && id?.length === pair[1] && !more.length, `offered ${offered}`);
  check(authorization === undefined, `Authorization: ${authorization}`);
  if (session === "refused") {
    // Chromium's words for a 401 whose WWW-Authenticate names no scheme that it knows.
    check(error?.includes("HTTP Authentication failed"), `failed with ${error}`);
  } else {
    check(status === 101 && selected === marker, `${status}, selected ${selected}`);
  }
}

await new Promise((listening) => server.listen(PAGE_PORT, "127.0.0.1", listening));
const browser = await puppeteer.launch({
  executablePath: CHROMIUM,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  const page = await browser.newPage();
  const wire = await watch(page);
  await page.goto(`http://127.0.0.1:${PAGE_PORT}/`);
  const credential = { [{ key: "apiKey", token: "accessToken" }[kind]]: secret };
  const { events, summary, wrong } = await page.evaluate(converse, session, url, credential);
  check(!wrong, wrong);
  checkWire(wire);
  writeFileSync(EVENTS, JSON.stringify(events));
  const offered = wire.offered.replace(secret, "KEY").replace(/[0-9a-f-]{36}/, "ID");
  console.log(`${summary}; offered ${offered}`);
} catch (wrong) {
  console.error(`${wrong.stack}\n${wrong}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}
