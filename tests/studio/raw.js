// What no page of the studio does: foreign pages, other hosts, requests by hand.
'use strict';
const { check } = require('./check');
const http = require('node:http');
const net = require('node:net');

/** Tries from a page of another port, which is another origin; with the right key. */
exports.foreignPage = async (browser, port, key) => {
  const foreign = http.createServer((_, response) => response.end('<!doctype html><title>foreign</title>'));
  await new Promise((resolve) => foreign.listen(port + 1, '127.0.0.1', resolve));
  const page = await browser.newPage();
  const errors = [];
  const devtools = await page.createCDPSession();
  await devtools.send('Network.enable');
  devtools.on('Network.webSocketFrameError', ({ errorMessage }) => errors.push(errorMessage));
  await page.goto(`http://127.0.0.1:${port + 1}/`);
  const code = await page.evaluate((url, key) => new Promise((resolve) => {
    const socket = new WebSocket(url, ['token', key]);
    socket.onopen = () => resolve('open');
    socket.onclose = (event) => resolve(event.code);
  }), `ws://127.0.0.1:${port}/socket`, key);
  check('a foreign page is refused', code === 1006, code);
  check('with 403', errors.some((error) => error.includes('403')), errors.join());
  const read = await page.evaluate((url) => fetch(url).then(() => 'read', () => 'blocked'), `http://127.0.0.1:${port}/settings`);
  check('and cannot read the key', read === 'blocked', read);
  await page.close();
  foreign.closeAllConnections();
  foreign.close();
};

/** Sends bytes, and returns all that comes back until the server closes. */
const exchange = (port, bytes) => new Promise((resolve, reject) => {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
  let answer = '';
  socket.setEncoding('latin1').setTimeout(5000, () => socket.destroy(new Error('no end')));
  socket.on('data', (data) => { answer += data; });
  socket.on('end', () => { socket.end(); resolve(answer); });
  socket.on('error', reject);
});

const head = (lines) => `${lines.join('\r\n')}\r\n\r\n`;

exports.requests = async (port, key) => {
  const host = `Host: 127.0.0.1:${port}`;
  const upgrade = (path, host, origin, offers) => head([
    `GET ${path} HTTP/1.1`, host, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Protocol: ${offers}`, ...origin,
  ]);
  const own = [`Origin: http://127.0.0.1:${port}`];
  const cases = [
    ['the page is there', head(['GET / HTTP/1.1', host]), 200],
    ['another host has no page', head(['GET / HTTP/1.1', 'Host: rebound.example']), 421],
    ['a request without Host is refused', head(['GET / HTTP/1.1']), 400],
    ['another path is not there', head(['GET /secret HTTP/1.1', host]), 404],
    ['nor is a session that was none', head(['GET /sessions/99999 HTTP/1.1', host]), 404],
    ['nor one that is no number', head(['GET /sessions/-1 HTTP/1.1', host]), 404],
    ['POST is refused', head(['POST / HTTP/1.1', host, 'Content-Length: 0']), 405],
    ['what is no HTTP is refused', 'not\r\n\r\n', 400],
    ['a head without end is refused', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(4000)}`, 431],
    ['a foreign origin is refused', upgrade('/socket', host, ['Origin: https://evil.example'], `token, ${key}`), 403],
    ['no origin is refused', upgrade('/socket', host, [], `token, ${key}`), 403],
    ['a foreign host is refused', upgrade('/socket', 'Host: rebound.example', own, `token, ${key}`), 421],
    ['another path is no socket', upgrade('/', host, own, `token, ${key}`), 404],
    ['a missing key is refused', upgrade('/socket', host, own, 'other'), 401],
    ['a wrong key is refused', upgrade('/socket', host, own, 'token, wrong'), 401],
  ];
  for (const [what, request, status] of cases) {
    const answer = await exchange(port, request).catch(String);
    check(what, answer.startsWith(`HTTP/1.1 ${status} `), answer.slice(0, 40));
    check(`${what}, and no key is sent back`, !answer.includes(key));
  }
  // A frame that is not masked, behind a request that is right.
  const answer = await exchange(port, `${upgrade('/socket', host, own, `token, ${key}`)}\x81\x02hi`);
  check('a frame without a mask fails the connection with 1002', answer.startsWith('HTTP/1.1 101 ') && answer.includes('\x88\x02\x03\xea'));
};
