// What the pages come from, and what they connect to.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

/** A page that opens a WebSocket when it is told to, by its own script or by the page around it. */
const PAGE = `<!doctype html><title>page</title><body><script>
window.tryToOpen = (target) => new Promise((resolve) => {
  const socket = new WebSocket(target);
  socket.onopen = () => socket.send('hi');
  socket.onmessage = ({ data }) => { resolve(data === 'hi' ? 'echo' : data); socket.close(); };
  socket.onclose = () => resolve('refused');
});
if (parent !== window) onmessage = async ({ data }) => parent.postMessage(await tryToOpen(data), '*');
</script></body>`;

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** Serves the page under every name, keeps it as a file, and records requests for an upgrade. */
exports.serve = async () => {
  const upgrades = [];
  const pages = http.createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(PAGE));
  const recorder = http.createServer().on('upgrade', ({ headers }, socket) => {
    upgrades.push(headers);
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'page-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'page.html'), PAGE);
  const file = `file://${folder}/page.html`;
  return { port: await listen(pages), recorder: await listen(recorder), file, upgrades };
};

/** Starts an echo server; its `lines` say how each connection ended. */
exports.start = (binary, options, more) => new Promise((resolve, reject) => {
  const child = spawn(binary, ['--log', ...options, '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const server = { ...more, lines: [], stop: () => child.kill() };
  child.on('exit', () => reject(new Error('the server ended')));
  readline.createInterface(child.stdout).on('line', (line) => {
    const listening = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line);
    if (!listening) return server.lines.push(line);
    server.port = Number(listening[1]);
    return resolve(server);
  });
});

/** The first line of the answer to a program, which sends no origin. */
exports.program = (port, host) => new Promise((resolve, reject) => {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
    + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  ));
  socket.setEncoding('latin1').on('error', reject).on('data', (data) => {
    resolve(data.split('\r\n')[0]);
    socket.destroy();
  });
});
