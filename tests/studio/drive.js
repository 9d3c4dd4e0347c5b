// Uses the page as a person would, and compares what it shows with what Chromium itself reports.
'use strict';
const { check, finish, sleep, until } = require('./check');
const raw = require('./raw');
const puppeteer = require('puppeteer-core');

const KEY = 'a-key-for-tests';
const VOLUME = -12; // dB, of the tone's peak: its RMS is 3.01 dB less
const port = Number(process.argv[2]);
const origin = `http://127.0.0.1:${port}`;
const flags = [
  '--no-sandbox', '--headless', '--disable-gpu', '--disable-dev-shm-usage',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** A page of the studio, with what Chromium sees of its sockets. */
async function visit(browser, address) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  const seen = { sent: [], received: [], errors: [], refusals: [] };
  page.on('pageerror', (error) => seen.errors.push(error.message));
  const devtools = await page.createCDPSession();
  await devtools.send('Network.enable');
  devtools.on('Network.webSocketFrameSent', ({ response }) => seen.sent.push(response));
  devtools.on('Network.webSocketFrameReceived', ({ response }) => seen.received.push(response));
  devtools.on('Network.webSocketFrameError', ({ errorMessage }) => seen.refusals.push(errorMessage));
  await page.goto(address);
  await page.waitForFunction(() => document.getElementById('key').value !== '');
  const text = (id) => page.$eval(`#${id}`, (node) => node.textContent);
  const state = (name) => until(async () => (await page.$eval('#state', (node) => node.dataset.state)) === name);
  const fill = (id, value) => page.$eval(`#${id}`, (node, value) => {
    node.value = value;
    node.dispatchEvent(new Event('input'));
  }, value);
  // Of each row, newest first, its cells by the names of the columns.
  const rows = () => page.$$eval('#rows tr', (rows) => rows.map((row) =>
    Object.fromEntries([...row.cells].map((cell) => [cell.className, cell.textContent]))));
  const row = (is) => until(async () => (await rows()).find(is));
  const choose = (text) => page.$$eval('#rows tr', (rows, text) => rows.find((row) => row.textContent.includes(text)).click(), text);
  return { page, choose, seen, text, state, fill, rows, row };
}

/** Where things stand on the page. */
const places = ({ page }) => page.$$eval('section, .list, #anatomy, .meter, button', (nodes) => nodes.map((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [node.id || node.className, x, y, width, height].join(' ');
}).join('\n'));

async function staysInPlace(tab, when) {
  const now = await places(tab);
  tab.places ??= now;
  check(`nothing moved on the page ${when}`, now === tab.places, now);
}

async function connect({ page, state }) {
  await page.click('#toggle');
  return state('open');
}

async function opens(tab) {
  await staysInPlace(tab, 'at first');
  check('all controls are on one screen', await tab.page.$eval('.controls', (node) => node.scrollHeight <= node.clientHeight));
  check('the key is shown', (await tab.page.$eval('#key', (node) => node.value)) === KEY);
  check('the page connects', await connect(tab));
  check('the subprotocol is token', (await tab.text('protocol')) === 'token');
  await staysInPlace(tab, 'when it opens');
  check('no extension is agreed on without asking', (await tab.text('extensions')) === 'none');
  const response = await tab.row((row) => /^HTTP 101 +ok$/.test(row.payload) && row.from === '▼');
  const request = await tab.row((row) => /^GET \/socket +ok$/.test(row.payload) && row.from === '▲');
  check('both heads of the handshake are listed', response && request);
  await tab.choose('GET /socket');
  const head = await tab.text('anatomy');
  check('a head is shown without the key', head.includes('Sec-WebSocket-Protocol: (2 redacted)') && !head.includes(KEY), head);
}

async function streamsTone(tab) {
  await tab.fill('volume', VOLUME);
  await tab.page.click('#stream');
  await sleep(2000);
  const rms = parseFloat((await tab.text('server-level')).replace('−', '-'));
  const own = parseFloat((await tab.text('page-level')).replace('−', '-'));
  const peak = Number(await tab.page.$eval('#server-level', (node) => node.dataset.peak));
  await staysInPlace(tab, 'while it streams');
  await tab.page.click('#stream');
  await sleep(500);
  const count = await tab.page.$eval('#audio-count', (node) => ({ ...node.dataset }));
  const binary = tab.seen.sent.filter(({ opcode }) => opcode === 2);
  const of640 = binary.filter(({ payloadData }) => Buffer.from(payloadData, 'base64').length === 640);
  check('at least 80 frames of 640 bytes are sent in 2 s', of640.length >= 80, of640.length);
  check('no audio frame has another length', of640.length === binary.length);
  check('Chromium masks each', binary.every(({ mask }) => mask));
  check('the server got all of them', Number(count.frames) === binary.length, count.frames);
  check('and all their bytes', Number(count.bytes) === 640 * binary.length, count.bytes);
  check('its RMS is that of the tone', Math.abs(rms - (VOLUME - 3.01)) < 1, rms);
  check('its peak is that of the tone', Math.abs(peak - VOLUME) < 1, peak);
  check('the page computes the same', Math.abs(rms - own) < 1, own);
  const row = await tab.row((row) => row.opcode.startsWith('binary'));
  check('the list shows FIN, binary, 640 and a mask',
    row && row.fin === 'FIN' && row.rsv === '000' && row.length === '640' && /^[0-9a-f]{8}$/.test(row.key) && row.from === '▲', JSON.stringify(row));
  check('repeats share a row', row && /×\d+/.test(row.opcode));
}

async function changesVolume(tab) {
  await tab.fill('volume', -30);
  await tab.page.click('#stream');
  await sleep(800);
  const rms = parseFloat((await tab.text('server-level')).replace('−', '-'));
  check('the volume moves the level', Math.abs(rms - -33.01) < 1, rms);
  await tab.page.click('#stream');
}

async function hearsMicrophone(tab) {
  check('without audio there is no level', await until(async () => (await tab.text('server-level')) === '–'));
  const before = tab.seen.sent.length;
  await tab.page.evaluate(() => document.querySelector('[value="microphone"]').click());
  await tab.page.click('#stream');
  // The fake microphone beeps once a second.
  const loud = await until(async () => parseFloat((await tab.text('server-level')).replace('−', '-')) > -60);
  const frames = tab.seen.sent.slice(before).filter(({ opcode }) => opcode === 2);
  check('the microphone is heard by the server', loud, await tab.text('server-level'));
  check('its frames have 640 bytes', frames.length > 10 && frames.every(({ payloadData }) => Buffer.from(payloadData, 'base64').length === 640), frames.length);
  await tab.page.click('#stream');
}

async function talks(tab) {
  await tab.fill('text', 'Grüße, 世界');
  await tab.page.click('#say button');
  check('text is echoed', await until(async () => (await tab.text('echo')).endsWith(': Grüße, 世界')));
  check('both texts are listed', await until(async () =>
    (await tab.rows()).filter(({ payload }) => payload === '"Grüße, 世界"').map(({ from, key }) => from + (key === '–' ? '' : 'm')).join() === '▼,▲m'));
  const pinged = async () => Number((await tab.text('rtt')).match(/^\d+\.\d\d ms \(ping (\d+);/)?.[1]);
  const last = await pinged();
  await tab.page.click('#ping');
  check('a ping of the server is answered, with its time', await until(async () => (await pinged()) > last, 1000), await tab.text('rtt'));
  const ping = await tab.row((row) => row.opcode === 'ping' && row.payload === `"ping ${last + 1}"`);
  const pong = await tab.row((row) => row.opcode === 'pong' && row.payload === `"ping ${last + 1}"`);
  check('ping and pong are listed', ping?.from === '▼' && pong?.from === '▲' && pong.key !== '–');
  check('no report is listed', !(await tab.rows()).some((row) => row.from === '▼' && row.payload.includes('report')));
  const reports = tab.seen.received.filter(({ payloadData }) => payloadData.startsWith('\u001e')).length;
  check('but there were reports', reports > 10, reports);
}

async function showsBytes(tab) {
  await tab.page.$$eval('#rows tr.page', (rows) => rows.find((row) => row.textContent.includes('Grüße')).click());
  const anatomy = await tab.text('anatomy');
  check('a click shows the bytes of a frame', anatomy.includes('81 8f') && anatomy.includes('47 72'), anatomy);
  await tab.page.click('#anatomy input');
  const masked = await tab.text('anatomy');
  check('and how they were masked', masked.includes('81 8f') && !masked.includes('47 72 c3'), masked);
}

async function isFlooded(tab) {
  await tab.page.click('#group');
  const before = tab.seen.received.length;
  // A report has up to 64 frames: ten bursts, with time for a report between them, make more than the list keeps.
  for (let burst = 0; burst < 10; burst++) {
    await tab.page.evaluate(() => { for (let count = 0; count < 300; count++) socket.send('x'); });
    await sleep(150);
  }
  const echoes = () => tab.seen.received.slice(before).filter(({ payloadData }) => payloadData === 'x').length;
  check('3000 texts in bursts are echoed', await until(() => echoes() === 3000), echoes());
  check('the list keeps 200 rows', await until(async () => (await tab.rows()).length === 200), (await tab.rows()).length);
  check('and says what it left out', /[1-9][0-9,]* not shown/.test(await tab.text('totals')), await tab.text('totals'));
  await tab.page.click('#group');
}

async function closesFromPage(tab) {
  await tab.fill('code', '4000');
  await tab.fill('reason', 'bye');
  await tab.page.click('#close-page');
  check('the page closes', await tab.state('closed'));
  check('it shows its code', (await tab.text('state')) === 'Closed 4000');
  check('the server saw code, reason and who began', await until(async () => (await tab.text('server-saw')) === '4000 “bye”, first sent by the page'), await tab.text('server-saw'));
  await staysInPlace(tab, 'when it closes');
  const mine = await tab.row((row) => row.opcode === 'close' && row.payload === '4000 "bye"');
  const answer = await tab.row((row) => row.opcode === 'close' && row.payload === '4000 ""');
  check('both Close frames are listed', mine?.from === '▲' && answer?.from === '▼');
}

async function closesFromServer(tab) {
  check('it connects again', await connect(tab));
  await tab.fill('code', '1011');
  await tab.fill('reason', 'the disk is full');
  await tab.page.click('#close-page');
  check('the browser lets no page send 1011', await until(async () => (await tab.text('notice')) !== ''));
  await tab.page.click('#close-server');
  check('the server closes', await tab.state('closed'));
  check('the page saw its code and reason', (await tab.text('page-saw')) === '1011 “the disk is full”', await tab.text('page-saw'));
  check('the server saw the answer', await until(async () => (await tab.text('server-saw')).startsWith('1011, first sent by the server')
    || (await tab.text('server-saw')).startsWith('1011 “the disk is full”, first sent by the server')), await tab.text('server-saw'));
  check('audio is off', (await tab.text('stream')) === 'Start');
}

async function compresses(tab) {
  await tab.page.click('#deflate');
  check('it connects with compression', await connect(tab));
  check('which is agreed on', (await tab.text('extensions')).startsWith('permessage-deflate'), await tab.text('extensions'));
  await staysInPlace(tab, 'with compression');
  await tab.fill('text', 'again and again and again and again');
  await tab.page.click('#say button');
  check('compressed text is echoed', await until(async () => (await tab.text('echo')).endsWith('again and again')));
  const row = await tab.row((row) => row.opcode === 'text' && row.from === '▲');
  check('its frame has RSV1, is shorter, and legal', row?.rsv === '100' && Number(row.length) < 35 && !row.payload.includes('illegal'), JSON.stringify(row));
  await tab.page.click('#toggle');
  check('Disconnect closes with a handshake', await tab.state('closed') && (await tab.page.$eval('#state', (node) => node.dataset.clean)) === 'true');
}

async function isRefused(tab) {
  await tab.fill('key', 'wrong');
  await tab.page.click('#toggle');
  check('a wrong key is refused', await tab.state('closed'));
  check('the page sees 1006', (await tab.text('state')) === 'Closed 1006' && (await tab.text('page-saw')).startsWith('1006'));
  await staysInPlace(tab, 'when it is refused');
  check('Chromium saw 401', tab.seen.refusals.some((error) => /401|HTTP Authentication failed/.test(error)), tab.seen.refusals.join());
  await tab.fill('key', 'no token');
  await tab.page.click('#toggle');
  check('a key that is no token is explained', await until(async () => (await tab.text('notice')).includes('does not send this key')));
}

async function localhost(browser) {
  const tab = await visit(browser, `http://localhost:${port}/`);
  check('localhost is its own origin too', await connect(tab));
  await tab.page.close();
}

async function main() {
  const browser = await puppeteer.launch({ executablePath: process.argv[3], headless: true, args: flags });
  try {
    const tab = await visit(browser, `${origin}/`);
    for (const step of [opens, streamsTone, changesVolume, hearsMicrophone, talks, showsBytes, isFlooded, closesFromPage, closesFromServer, compresses, isRefused]) {
      await step(tab);
    }
    check('no script failed', tab.seen.errors.length === 0, tab.seen.errors.join());
    await localhost(browser);
    await raw.foreignPage(browser, port, KEY);
    await raw.requests(port, KEY);
  } finally {
    await browser.close();
  }
  finish();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
