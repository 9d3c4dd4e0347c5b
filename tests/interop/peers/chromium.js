// Chromium as a client: each session runs in a page; see shared.py for what is read and said.
"use strict";

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { once } = require("node:events");
const puppeteer = require("puppeteer-core");
const { session } = require("./page_session.js");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

/** Serves an empty page, and the files that sessions are to send: those that they name. */
const serve = (named) => ({ url }, response) => {
  const path = new URL(url, "http://127.0.0.1").searchParams.get("file");
  if (path && !named.includes(JSON.stringify(path))) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("Content-Type", path ? "application/octet-stream" : "text/html");
  response.end(path ? readFileSync(path) : "<!doctype html>");
};

async function main() {
  const named = readFileSync(0, "utf8");
  const specs = JSON.parse(named);
  const server = createServer(serve(named)).listen(Number(process.argv[3]), "127.0.0.1");
  await once(server, "listening");
  const [executablePath] = process.argv.slice(2);
  const browser = await puppeteer.launch({ executablePath, headless: true, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${process.argv[3]}/`);
    const file = "fetch('/?file=' + encodeURIComponent(path))";
    const load = `async (path) => (await ${file}).arrayBuffer()`;
    for (const spec of specs) {
      const call = `(${session})(${JSON.stringify(spec)}, WebSocket, ${load})`;
      console.log(JSON.stringify(await page.evaluate(call)));
    }
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});
