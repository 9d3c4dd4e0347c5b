// What every session says and expects, in Node and in browsers; ../script.py is
// the same for Python.

export const LISTEN = {
  model: "nova-3",
  encoding: "linear16",
  sample_rate: 16000,
  channels: 1,
  interim_results: true,
  vad_events: true,
  endpointing: 300,
  utterance_end_ms: 1000,
};
const RATE = 16000;
const SILENCE = 2 * RATE * 1.2; // octets after the speech, so that the utterance ends
const CHUNKS = [20, 40, 60, 80, 100]; // milliseconds, in turn
const TURN = 2.94; // seconds, after which Finalize is sent: within a sound, and within a window

export const SPEAK = { model: "aura-2-thalia-en", encoding: "linear16", sample_rate: 48000 };
const TEXTS = ["Hello, ", "world."];
const CLEARED = "never to be heard ".repeat(110); // of 2000 characters that may wait
const LAST = "ok";
const TONE = (48000 * 60) / 1000 * 2; // octets that the example makes of a character

// Milliseconds: when the one KeepAlive is sent, when that alone has kept the connection open, and
// when ten seconds have passed since.
const IDLE = { keepAlive: 4000, open: 11000, closed: 14000 };

const PATIENCE = 10000; // milliseconds, for each thing that is waited for

export class Wrong extends Error {}

export function check(isRight, what) {
  if (!isRight) throw new Wrong(what);
}

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const near = (a, b, by = 0.0021) => Math.abs(a - b) <= by;

async function until(isIt, what) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const it = isIt();
    if (it) return it;
    check(Date.now() < deadline, `no ${what}`);
    await sleep(5);
  }
}

async function sha256(octets) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  return [...hash].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** What an SDK's events brought; the adapters of its versions fill it. */
export class Heard {
  events = [];
  audio = [];
  octets = 0;

  event(type, fields = {}) {
    this.events.push({ ...fields, type });
  }

  async sound(data) {
    this.audio.push(data);
    this.octets += data.size ?? data.byteLength;
  }

  find(isIt) {
    return this.events.find(isIt);
  }

  wait(type, isIt = () => true) {
    return until(() => this.find((event) => event.type === type && isIt(event)), type);
  }
}

export function summary({ events, octets }) {
  return `${events.length} events` + (octets > 0 ? `, ${octets} octets of audio` : "");
}

function speech(wav) {
  const pcm = new Uint8Array(wav.byteLength - 44 + SILENCE);
  pcm.set(new Uint8Array(wav, 44));
  return pcm;
}

export async function listen(end, wav) {
  const { heard } = end;
  const pcm = speech(wav);
  await heard.wait("(open)");
  end.keepAlive();
  let turn = Math.floor(TURN * RATE) * 2;
  for (let at = 0, chunk = 0; at < pcm.length; chunk++) {
    let next = at + (2 * RATE * CHUNKS[chunk % CHUNKS.length]) / 1000;
    if (at < turn && turn < next) next = turn;
    end.media(pcm.slice(at, next));
    at = next;
    await sleep(2);
    if (at === turn) {
      end.finalize();
      await heard.wait("Results", (result) => result.from_finalize);
      end.keepAlive();
    }
  }
  end.closeStream();
  const closed = await heard.wait("(close)");
  await checkListen(heard.events, pcm, closed.code);
}

/** Final results follow each other without a gap, from the begin to the end of the audio. */
function checkResults(results, length) {
  let at = 0;
  for (const result of results) {
    check(near(result.start, at), `a result starts at ${result.start}, not ${at}`);
    const [{ words, transcript }] = result.channel.alternatives;
    const text = words.map(({ word }) => word).join(" ");
    check(transcript === text, `${transcript} of ${text}`);
    const end = result.start + result.duration;
    for (const word of words) {
      const inside = result.start - 0.0021 <= word.start && word.end <= end + 0.0021;
      check(inside && word.start < word.end, `${word.start} to ${word.end}, in a result to ${end}`);
    }
    if (result.is_final) at = end;
  }
  check(near(at, length), `results up to ${at} s, of ${length} s`);
}

async function checkListen(events, pcm, code) {
  const names = events.map(({ type }) => type);
  const ofType = (name) => events.filter(({ type }) => type === name);
  check(names[0] === "(open)" && names.at(-1) === "(close)", `${names[0]} to ${names.at(-1)}`);
  check(names.at(-2) === "Metadata", `${names.at(-2)} came last`);
  check(code === 1000, `closed with ${code}`);
  check(!names.includes("(error)"), `${JSON.stringify(ofType("(error)"))}`);
  const results = ofType("Results");
  const length = pcm.length / 2 / RATE;
  checkResults(results, length);
  check(results.filter(({ is_final }) => !is_final).length > 40, "too few interim results");
  check(results.some(({ speech_final }) => speech_final), "no result was speech_final");
  const finalized = results.filter(({ from_finalize }) => from_finalize);
  check(finalized.length === 1, `${finalized.length} results were from_finalize`);
  const [{ start, duration }] = finalized;
  check(near(start + duration, TURN), `finalized at ${start + duration}`);
  check(results.some(({ channel }) => channel.alternatives[0].words.length > 0), "no words");
  const begins = ofType("SpeechStarted").map(({ timestamp }) => timestamp);
  check(begins[0] === 0 && near(begins.at(-1), 3.4, 0.2), `speech started at ${begins}`);
  const [utterance, ...more] = ofType("UtteranceEnd");
  check(more.length === 0 && near(utterance.last_word_end, 5.3, 0.2), `${utterance} ${more}`);
  const [metadata] = ofType("Metadata");
  const digest = await sha256(pcm);
  check(metadata.sha256 === digest, `${metadata.sha256} for ${digest}`);
  check(near(metadata.duration, length) && metadata.channels === 1, `${metadata.duration} s`);
  check(!Number.isNaN(Date.parse(metadata.created)), `created ${metadata.created}`);
  const requests = new Set(results.map((result) => result.metadata.request_id));
  check(requests.size === 1 && requests.has(metadata.request_id), `${[...requests]}`);
}

export async function speak(end) {
  const { heard } = end;
  await heard.wait("Metadata");
  for (const text of TEXTS) end.text(text);
  end.flush();
  const length = TEXTS.join("").length * TONE;
  const flushed = await heard.wait("Flushed");
  await until(() => heard.octets >= length, `${length} octets, but ${heard.octets}`);
  const spoken = await new Blob(heard.audio).arrayBuffer();
  end.text(CLEARED);
  end.flush();
  end.clear();
  const cleared = await heard.wait("Cleared");
  end.text(LAST);
  end.close();
  const { code } = await heard.wait("(close)");
  const last = length + LAST.length * TONE;
  await until(() => heard.octets >= last, `${last} octets, but ${heard.octets}`);
  const names = heard.events.map(({ type }) => type);
  check(`${names}` === "(open),Metadata,Flushed,Cleared,(close)", `${names}`);
  check(code === 1000, `closed with ${code}`);
  check(spoken.byteLength === length, `${spoken.byteLength} octets, not ${length}`);
  const digest = await sha256(spoken);
  check(flushed.sha256 === digest, `${flushed.sha256} for ${digest}`);
  check(flushed.sequence_id === 0 && cleared.sequence_id > 0, "sequence ids");
  const whole = last + CLEARED.length * TONE;
  check(heard.octets < whole, `${heard.octets} octets, of at most ${whole}`);
}

/** Says nothing but one KeepAlive, until the server has enough of it. */
export async function idle(end) {
  const { heard } = end;
  await heard.wait("(open)");
  const begin = Date.now();
  await sleep(IDLE.keepAlive);
  end.keepAlive();
  await sleep(IDLE.open - IDLE.keepAlive);
  check(!heard.find(({ type }) => type === "(close)"), "closed all the same");
  const { code, reason } = await heard.wait("(close)");
  const took = Date.now() - begin;
  check(near(took, IDLE.closed, 2000), `closed after ${took} ms`);
  check(code === 1011 && reason.startsWith("NET-0001"), `closed with ${code} ${reason}`);
  return `1011 after ${(took / 1000).toFixed(1)} s`;
}

/** Returns what the SDK says of the failure. */
export async function refused(end) {
  const error = await end.heard.wait("(error)");
  check(!end.heard.find(({ type }) => type === "(open)"), "the connection was opened");
  return error;
}
