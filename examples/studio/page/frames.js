// The list of frames, and the bytes of the selected one.

const ROWS = 200; // the most that are kept
const REFRESH = 250; // ms: an eye can read what stays for that long
const COLUMNS = ['ms', 'from', 'offset', 'fin', 'rsv', 'opcode', 'key', 'length', 'payload'];

const MEANING = {
  text: 'A text message: UTF-8, checked by the receiver.',
  binary: 'A binary message: 20 ms of audio, 320 samples of 16 bits.',
  continuation: 'Another fragment of the open message.',
  ping: 'Asks whether the other end is there. A browser answers by itself; no page sees it.',
  pong: 'Answers a ping, with the same payload. The time between them is the round trip.',
  close: 'The closing handshake: each end sends one, with a status code of two bytes and a reason.',
};

// The masked frame of RFC 6455 section 5.7, shown until a frame is selected.
const EXAMPLE = {
  from: 'page', offset: 0, fin: true, rsv: 0, opcode: 'text', key: '37fa213d', length: 5,
  header: '818537fa213d', payload: '48656c6c6f', verdict: 'ok',
};

const READING = [
  'Messages travel in frames. FIN: the message ends with this one. RSV: bits for extensions.',
  'Opcode: 1 text, 2 binary, 0 the next part of a message; 8 close, 9 ping, a pong.',
  'Length: up to 125 it is in the second byte; 126 says that it is in the next 2 bytes, 127 in the next 8.',
  'MASK: a page masks each frame with a new key, so that no script chooses the bytes on the wire. A server does not mask.',
];

const element = (name, text = '', type = '') =>
  Object.assign(document.createElement(name), { textContent: text, className: type });
const octets = (hex) => (hex.match(/../g) ?? []).map((digits) => parseInt(digits, 16));
const two = (octet) => octet.toString(16).padStart(2, '0');

class Frames {
  groups = []; // newest first
  fresh = new Set(); // those whose row is to be created or updated
  constructor(rows, empty, anatomy, settings) {
    Object.assign(this, { rows, empty, settings, anatomy });
    rows.addEventListener('click', ({ target }) => this.choose(target.closest('tr')));
    rows.addEventListener('keydown', (event) => this.key(event));
    this.clear();
    setInterval(() => settings.paused() || this.render(), REFRESH);
  }

  /** Takes entries, oldest first; what looks like the one before it joins its row. */
  add(entries) {
    for (const entry of entries) {
      const { from, opcode, fin, rsv, verdict, key, length } = entry;
      // Compression gives the same message a different length each time.
      const alike = JSON.stringify([from, opcode, fin, rsv, verdict, !key, rsv ? 0 : length]);
      const [last] = this.groups;
      if (this.settings.grouped() && entry.opcode && last?.alike === alike) {
        Object.assign(last, { entry, count: last.count + 1 });
        this.fresh.add(last);
      } else {
        const group = { alike, entry, count: 1 };
        this.groups.unshift(group);
        this.fresh.add(group);
      }
    }
    for (const old of this.groups.splice(ROWS)) {
      old.row?.remove();
      this.fresh.delete(old);
    }
  }

  clear() {
    this.groups = [];
    this.fresh.clear();
    this.rows.replaceChildren();
    this.empty.hidden = false;
    this.show(EXAMPLE, 'An example, from RFC 6455 section 5.7: text, ▲ from a page');
    const reading = element('ul', '', 'quiet');
    reading.append(...READING.map((line) => element('li', line)));
    this.anatomy.append(reading);
  }

  render() {
    for (const group of this.fresh) {
      if (!group.row) {
        group.row = element('tr');
        group.row.tabIndex = 0;
        group.row.group = group;
        this.rows.prepend(group.row);
      }
      this.fill(group);
    }
    this.fresh.clear();
    this.empty.hidden = this.groups.length > 0;
  }

  fill({ row, entry, count }) {
    row.className = entry.from;
    const cells = entry.opcode ? this.cells(entry) : this.headCells(entry);
    row.replaceChildren(...COLUMNS.map((name) => element('td', cells[name] ?? '', name)));
    if (count > 1) row.querySelector('.opcode').append(element('i', ` ×${count}`));
    if (entry.verdict && entry.verdict !== 'ok') {
      row.lastChild.prepend(element('b', `${entry.verdict} `));
    }
    row.querySelector('.from').setAttribute('aria-label', `from the ${entry.from}`);
  }

  cells(entry) {
    return {
      ...this.headCells(entry), offset: entry.offset, fin: entry.fin ? 'FIN' : '–',
      rsv: entry.rsv.toString(2).padStart(3, '0'), opcode: entry.opcode, key: entry.key ?? '–',
      length: entry.length, payload: entry.preview,
    };
  }

  headCells({ ms, from, lines = '' }) {
    const [, offset, payload] = lines.match(/^ *(\d+) +(.*)/) ?? [];
    return { ms, from: from === 'page' ? '▲' : '▼', offset, opcode: 'HTTP', payload };
  }

  choose(row) {
    if (!row?.group) return;
    this.chosen?.removeAttribute('aria-selected');
    this.chosen = row;
    row.setAttribute('aria-selected', 'true');
    this.show(row.group.entry);
  }

  key(event) {
    const row = event.target.closest('tr');
    const next = { ArrowUp: row.previousSibling, ArrowDown: row.nextSibling, Enter: row, ' ': row }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
    this.choose(next);
  }

  /** Shows the bytes of a frame, or the lines of a head. */
  show(entry, name) {
    const sender = `${entry.from === 'page' ? '▲' : '▼'} from the ${entry.from}`;
    if (!entry.opcode) {
      const note = 'The dissector does not show values that may hold a secret, or the query of a path.';
      const lines = entry.lines.replace(/^ *\d+ +|^ {10}/gm, ''); // the column of offsets
      this.anatomy.replaceChildren(title(`HTTP head, ${sender}`),
        element('pre', lines, 'head'), element('p', note, 'quiet'));
      return;
    }
    const heading = title(name ?? `${entry.opcode}, ${sender}, at byte ${entry.offset}`);
    const dump = element('div', '', 'dump');
    if (entry.key) {
      const label = element('label', ' as on the wire (masked)');
      const masked = Object.assign(element('input'), { type: 'checkbox' });
      masked.onchange = () => fillDump(dump, entry, masked.checked);
      label.prepend(masked);
      heading.append(label);
    }
    const meaning = element('p', MEANING[entry.opcode] ?? '', 'quiet');
    if (entry.opcode === 'text' && entry.payload.startsWith('1e')) {
      meaning.append(' This one is a command from the page: RS, then JSON (RFC 7464).');
    }
    if (entry.rsv & 4) meaning.append(' RSV1 says that it is compressed (permessage-deflate).');
    if (entry.verdict !== 'ok') meaning.append(element('span', ` ${entry.verdict}`, 'bad'));
    fillDump(dump, entry, false);
    this.anatomy.replaceChildren(heading, boxes(entry), meaning, dump);
  }
}

const title = (text) => {
  const heading = element('div', '', 'title');
  heading.append(element('strong', text));
  return heading;
};

/** The fields of the header, each with the bytes that hold it (RFC 6455 section 5.2). */
function fields({ header, key, length, fin, rsv, opcode }) {
  const bytes = octets(header);
  const short = bytes[1] & 0x7f, wide = { 126: 2, 127: 8 }[short] ?? 0;
  const bits = rsv.toString(2).padStart(3, '0');
  const list = [
    { type: 'start', bytes: bytes.slice(0, 1), says: `FIN ${+fin} · RSV ${bits} · opcode ${bytes[0] & 15} ${opcode}` },
    { type: 'size', bytes: bytes.slice(1, 2), says: `MASK ${key ? 1 : 0} · length ${short}${wide ? `: next ${wide} bytes` : ''}` },
    { type: 'size', bytes: bytes.slice(2, 2 + wide), says: `length ${length}` },
    { type: 'mask', bytes: bytes.slice(2 + wide), says: 'masking key' },
  ];
  return list.filter((field) => field.bytes.length);
}

function boxes(entry) {
  const row = element('div', '', 'boxes');
  const box = (type, code, says) => {
    const box = element('div', '', type);
    box.append(element('code', code), element('small', says));
    row.append(box);
  };
  for (const { type, bytes, says } of fields(entry)) box(type, bytes.map(two).join(' '), says);
  const many = entry.length === 1 ? '1 byte' : `${entry.length} bytes`;
  const masking = entry.key ? 'payload, masked' : 'payload, not masked';
  box('body', many, masking);
  return row;
}

/** All bytes of the header and the first of the payload, with their letters. */
function fillDump(dump, entry, masked) {
  const head = fields(entry).flatMap(({ type, bytes }) => bytes.map((octet) => ({ type, octet })));
  const key = octets(entry.key ?? '');
  const body = octets(entry.payload).map((octet, index) =>
    ({ type: 'body', octet: masked ? octet ^ key[index % 4] : octet }));
  const all = [...head, ...body], width = innerWidth < 640 ? 8 : 16;
  dump.replaceChildren();
  for (let start = 0; start < all.length; start += width) {
    const line = all.slice(start, start + width);
    dump.append(element('span', start.toString(16).padStart(4, '0'), 'at'), '  ');
    for (const { type, octet } of line) dump.append(element('span', two(octet), type), ' ');
    const letters = line.map(({ octet }) => (octet > 31 && octet < 127 ? String.fromCharCode(octet) : '·'));
    dump.append('   '.repeat(width - line.length), ' ', element('span', letters.join(''), 'letters'), '\n');
  }
  const hidden = entry.length - body.length;
  if (hidden > 0) dump.append(element('span', `and ${hidden} more bytes, which the dissector does not keep`, 'at'));
}
