// Pages that may open a WebSocket to a server on the loopback, and pages that may not. Each is tried
// with a server that lets all in, too: there it opens, so that a refusal is the server's.
'use strict';
const { check, finish, until } = require('../studio/check');
const { program, serve, start } = require('./servers');
const puppeteer = require('puppeteer-core');

const [binary, chromium, firefox] = process.argv.slice(2);
const SITES = ['evil.example', 'rebound.example'];

const launch = {
  Chromium: () => puppeteer.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.example 127.0.0.1'],
  }),
  Firefox: () => puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    extraPrefsFirefox: { 'network.dns.localDomains': SITES.join() },
  }),
};

/** Has a page open a WebSocket, or a frame in it; what comes of it: `echo`, or `refused`. */
async function outcome(browser, { page: address, frame }, target) {
  const page = await browser.newPage();
  try {
    await page.goto(address);
    return await page.evaluate(async (target, frame) => {
      if (!frame) return window.tryToOpen(target);
      const node = document.createElement('iframe');
      Object.entries(frame).forEach(([name, value]) => node.setAttribute(name, value));
      node.onload = () => node.contentWindow.postMessage(target, '*');
      const said = new Promise((resolve) => { window.onmessage = ({ data }) => resolve(data); });
      document.body.append(node);
      return said;
    }, target, frame);
  } finally {
    await page.close();
  }
}

/** Who asks, where; what the loopback says to it; and what a browser may say in Sec-Fetch-Site. */
function cases(own, other) {
  const at = (name, site = own) => `http://${name}:${site.port}/`;
  const sandbox = { src: at('localhost'), sandbox: 'allow-scripts' };
  return [
    { who: 'the listed page', page: at('localhost'), says: 'closed', site: 'same-site' },
    { who: 'the listed page, by address', page: at('127.0.0.1'), to: '127.0.0.1', says: 'closed', site: 'same-site' },
    { who: 'a page on another port of localhost', page: at('localhost', other), says: 'refused 403', site: 'same-site' },
    { who: 'a page of another site', page: at('evil.example'), says: 'refused 403', site: 'cross-site' },
    { who: 'a listed page under a rebound name', page: at('rebound.example'), to: 'rebound.example', says: 'refused 421' },
    { who: 'a frame of another site', page: at('localhost'), frame: { src: at('evil.example') }, says: 'refused 403', site: 'cross-site' },
    { who: 'the listed page in a frame of another site', page: at('evil.example'), frame: { src: at('localhost') }, says: 'closed', site: 'same-site' },
    { who: 'the listed page in a sandboxed frame', page: at('localhost'), frame: sandbox, says: 'refused 403', site: 'cross-site' },
    { who: 'a file', page: own.file, says: 'refused 403', site: 'cross-site' },
  ];
}

async function drive(name, servers, own, other) {
  const browser = await launch[name]();
  console.log(`${name}: ${await browser.version()}`);
  try {
    for (const one of cases(own, other)) {
      for (const server of servers) {
        const lines = server.lines.length;
        const target = `ws://${one.to ?? 'localhost'}:${server.port}/`;
        const found = await outcome(browser, one, target).catch(String);
        const line = await until(() => server.lines[lines]);
        const says = server.judges ? one.says : 'closed';
        const label = `${name}: ${one.who} hears "${says}" of ${server.what}`;
        check(label, found === (says === 'closed' ? 'echo' : 'refused') && line?.includes(says), `${found}, ${line}`);
      }
      await states(browser, name, one, own);
    }
  } finally {
    await browser.close();
  }
}

/** What the browser says of itself agrees with what the rules here take it for, if it says it. */
async function states(browser, name, one, own) {
  own.upgrades.length = 0;
  await outcome(browser, one, `ws://${one.to ?? 'localhost'}:${own.recorder}/`).catch(String);
  const [headers = {}] = own.upgrades;
  check(`${name}: ${one.who} sends an origin`, headers.origin !== undefined, JSON.stringify(headers));
  const [mode, site] = [headers['sec-fetch-mode'], headers['sec-fetch-site']];
  check(`${name}: ${one.who} is of the mode websocket`, mode === undefined || mode === 'websocket', mode);
  check(`${name}: ${one.who} is ${one.site}`, site === undefined || site === one.site, site);
}

(async () => {
  const [own, other] = [await serve(), await serve()];
  const pages = ['localhost', '127.0.0.1', 'rebound.example'].map((name) => `http://${name}:${own.port}`);
  const servers = [
    await start(binary, ['--loopback', ...pages.flatMap((page) => ['--origin', page])], { what: 'a server on the loopback', judges: true }),
    await start(binary, [], { what: 'a server that lets all in', judges: false }),
  ];
  const [loopback] = servers;
  for (const [host, status] of [[`localhost:${loopback.port}`, 101], [`[::1]:${loopback.port}`, 101], ['localhost', 421], [`evil.example:${loopback.port}`, 421]]) {
    const answer = await program(loopback.port, host);
    check(`a program that says ${host} hears ${status}`, answer.startsWith(`HTTP/1.1 ${status} `), answer);
  }
  for (const name of ['Chromium', ...(firefox ? ['Firefox'] : [])]) await drive(name, servers, own, other);
  finish();
  servers.forEach((server) => server.stop());
  process.exit();
})();
