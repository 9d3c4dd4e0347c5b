// The socket, and what a person does with it.

const RS = '\u001e'; // before a JSON text (RFC 7464): see text.rs
const QUEUE = 64 * 1024; // bytes that may wait to be sent; beyond that, audio is dropped

const at = (id) => document.getElementById(id);
const say = (id, text) => { at(id).textContent = text; };
const decibels = (value) => `${value <= -96 ? '−∞' : value.toFixed(1).replace('-', '−')} dB`;
const number = (value) => value.toLocaleString('en');

const meter = new Meter(at('meter'));
const frames = new Frames(at('rows'), at('empty'), at('anatomy'), {
  grouped: () => at('group').checked, paused: () => at('pause').checked,
});
const url = () => `ws://${location.host}/socket${at('deflate').checked ? '?deflate' : ''}`;
let socket = null, session = null, source = null, marker = 'token';
let level = new Level(), sent = 0, lost = 0, silence = 0, trips = [], asked = 0;

function show(state, text = state[0].toUpperCase() + state.slice(1), clean = true) {
  Object.assign(at('state').dataset, { state, clean });
  at('toggle').dataset.state = state;
  say('state', text);
  const busy = state === 'connecting' || state === 'closing';
  at('live').disabled = state !== 'open';
  at('key').readOnly = at('deflate').disabled = busy || state === 'open';
  at('toggle').disabled = busy;
  say('toggle', state === 'open' ? 'Disconnect' : busy ? `${text} …` : 'Connect');
}

// Opening.

function connect() {
  for (const id of ['protocol', 'extensions', 'rtt', 'page-saw', 'server-saw', 'page-level', 'server-level']) say(id, '–');
  [session, sent, lost, trips] = [null, 0, 0, []];
  say('notice', '');
  frames.clear();
  try {
    socket = new WebSocket(url(), [marker, at('key').value]);
  } catch (error) {
    say('notice', `The browser does not send this key: ${error.message}`);
    return;
  }
  show('connecting');
  socket.onopen = opened;
  socket.onmessage = ({ data }) => (data.startsWith(RS) ? report(JSON.parse(data.slice(1))) : echoed(data));
  socket.onclose = closed;
}

function opened() {
  show('open');
  say('protocol', socket.protocol || 'none');
  say('extensions', socket.extensions.replaceAll('_', '_\u200b') || 'none'); // a line may break there
}

// What the server says.

function echoed(text) {
  say('echo', `Echo after ${(performance.now() - asked).toFixed(1)} ms: ${text}`);
}

const reports = {
  open(report) { session = report.session; },
  news({ level, frames: seen }) {
    frames.add(seen.list);
    totals(seen);
    if (level) heard(level);
  },
  pong({ ms, ping }) {
    trips.push(ms);
    say('rtt', `${ms.toFixed(2)} ms (${ping}; best ${Math.min(...trips.slice(-100)).toFixed(2)} ms)`);
  },
  error({ text }) { say('notice', `The server says: ${text}`); },
};
const report = (report) => reports[report.report]?.(report);

function totals({ heard, said, reports, left_out }) {
  lost += left_out;
  const missed = lost ? `; ${number(lost)} not shown` : '';
  say('totals', `▲ ${number(heard)} from page, ▼ ${number(said)} from server, ${number(reports)} reports${missed}`);
}

function heard({ rms, peak, frames, bytes }) {
  meter.set(1, { rms, peak });
  say('server-level', decibels(rms));
  at('server-level').dataset.peak = peak;
  Object.assign(at('audio-count').dataset, { sent, frames, bytes });
  say('audio-count', `${number(sent)} frames sent; ${number(frames)} received, with ${number(bytes)} bytes`);
  clearTimeout(silence);
  silence = setTimeout(() => { meter.set(1, null); say('server-level', '–'); }, 400);
}

// Audio.

async function stream() {
  say('notice', '');
  at('stream').disabled = true;
  const kind = document.querySelector('[name="source"]:checked').value;
  try {
    level = new Level();
    source = await Source.open(kind, send);
    tune(0);
    if (socket?.readyState !== WebSocket.OPEN) mute();
  } catch (error) {
    say('notice', `No ${kind}: ${error.message}`);
  }
  at('stream').disabled = false;
  say('stream', source ? 'Stop' : 'Start');
}

function send(frame) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > QUEUE) {
    say('notice', 'The socket is slower than the audio: some of it is dropped.');
    return;
  }
  const now = level.add(new Int16Array(frame));
  socket.send(frame);
  sent += 1;
  if (now) {
    meter.set(0, now);
    say('page-level', decibels(now.rms));
  }
}

function mute() {
  source?.stop();
  source = null;
  say('stream', 'Start');
  meter.set(0, null);
  say('page-level', '–');
}

function tune(glide) {
  const [frequency, volume] = [at('frequency').valueAsNumber, at('volume').valueAsNumber];
  say('frequency-value', `${frequency} Hz`);
  say('volume-value', `${String(volume).replace('-', '−')} dB`);
  source?.tune(frequency, volume, glide);
}

// Closing.

const command = (command) => socket.send(RS + JSON.stringify(command));

function close(from) {
  say('notice', '');
  const [code, reason] = [Number(at('code').value), at('reason').value];
  if (from === 'server') return command({ command: 'close', code, reason });
  try {
    socket.close(code, reason);
    show('closing');
  } catch (error) {
    say('notice', `${error.message} A page may send 1000 and 3000 to 4999; a server has more.`);
  }
}

async function closed({ code, reason, wasClean }) {
  mute();
  show('closed', `Closed ${code}`, wasClean);
  say('page-saw', `${code}${reason && ` “${reason}”`}${wasClean ? '' : ', no closing handshake'}`);
  if (session === null) {
    say('notice', 'Not opened. A page learns only 1006; the reason, such as 401 for a wrong key, is in the console.');
    return;
  }
  const [mine, id] = [socket, session]; // there may be another one soon
  for (let tries = 0; tries < 10; tries++) {
    const answer = await fetch(`/sessions/${id}`).then((answer) => answer.ok && answer.json()).catch(() => null);
    if (socket !== mine) return;
    if (answer) return ended(answer);
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (socket !== mine) return;
  }
  say('server-saw', 'the server cannot be asked');
}

function ended({ by, code, reason, error, frames: seen }) {
  const what = code === null ? error ?? 'no Close' : `${code}${reason ? ` “${reason}”` : ''}`;
  say('server-saw', by === 'nobody' ? what : `${what}, first sent by the ${by}`);
  frames.add(seen.list);
  totals(seen);
}

// The controls.

at('connect').onsubmit = (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN) return connect();
  socket.close(1000);
  show('closing');
};
at('stream').onclick = () => (source ? mute() : stream());
at('frequency').oninput = at('volume').oninput = () => tune();
for (const radio of document.querySelectorAll('[name="source"]')) {
  radio.onchange = () => {
    at('tone').classList.toggle('off', radio.value !== 'tone');
    at('frequency').disabled = at('volume').disabled = radio.value !== 'tone';
    if (source) { mute(); stream(); }
  };
}
at('say').onsubmit = (event) => {
  event.preventDefault();
  asked = performance.now();
  socket.send(at('text').value);
};
at('ping').onclick = () => command({ command: 'ping' });
at('close').onsubmit = (event) => {
  event.preventDefault();
  close(event.submitter?.value ?? 'page');
};
at('clear').onclick = () => frames.clear();

const name = () => say('url', `"${url()}"`);
at('deflate').onchange = name;
name();
show('disconnected');
meter.wake();
fetch('/settings').then((answer) => answer.json()).then((settings) => {
  marker = settings.marker;
  say('marker', `"${marker}"`);
  at('key').value = settings.key;
  at('deflate-choice').hidden = !settings.deflate;
});
