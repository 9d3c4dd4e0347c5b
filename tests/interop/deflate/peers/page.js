// A browser as a peer of compressed sessions: the WebSocket of a page.
//     node page.js BROWSER client URL OPTIONS MESSAGES
// BROWSER is the program's path, in which "firefox" says that it is one.
"use strict";

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const puppeteer = require("puppeteer-core");

const [executablePath, , url, , file] = process.argv.slice(2);
const browser = executablePath.includes("firefox") ? "firefox" : "chrome";
const FLAGS = browser === "chrome" ? ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] : [];

/** Runs in the page: has each message echoed, and says how that ended. */
function session(url, messages) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    let echoed = 0;
    const next = () =>
      echoed < messages.length ? socket.send(messages[echoed]) : socket.close(1000);
    socket.onopen = next;
    socket.onmessage = ({ data }) => {
      if (data !== messages[echoed]) return resolve("another message came back");
      echoed += 1;
      next();
    };
    socket.onclose = ({ code }) =>
      resolve(code === 1000 && echoed === messages.length ? "ok" : `closed with ${code}`);
  });
}

async function main() {
  const http = createServer((_, response) => response.end("<!doctype html>"));
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const running = await puppeteer.launch({ browser, executablePath, headless: true, args: FLAGS });
  try {
    const page = await running.newPage();
    await page.goto(`http://127.0.0.1:${http.address().port}/`);
    const messages = JSON.parse(readFileSync(file, "utf8"));
    console.log(await page.evaluate(session, url, messages));
  } finally {
    await running.close();
    http.close();
  }
}

main();
