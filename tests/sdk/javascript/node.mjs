// A session of an SDK in Node; see ../run for its arguments.
// Prints what came of it, or what went wrong.
//
// node.mjs PACKAGES VERSION listen|speak|idle|refused|unsuitable key|token URL CREDENTIAL WAV
//
// EVENTS names the file that what was heard is written to.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { LISTEN, SPEAK, check, idle, listen, refused, speak, summary } from "./script.mjs";

const [packages, version, session, kind, url, secret, wav] = process.argv.slice(2);
const sdk = createRequire(`${packages}/`)("@deepgram/sdk");
const { connect } = await import(`./v${version}.mjs`);
const credential = { [{ key: "apiKey", token: "accessToken" }[kind]]: secret };
const open = (service, query) => connect(sdk, service, url, credential, query);

async function deny(service, query, status) {
  const { message, statusCode, requestId } = await refused(await open(service, query));
  check(message.includes(`${status}`), message);
  if (version === "4") {
    check(statusCode === status && requestId?.length === 36, `${statusCode} ${requestId}`);
  }
  return `${status} in an error event`;
}

function described({ heard }) {
  writeFileSync(process.env.EVENTS, JSON.stringify(heard.events));
  return summary(heard);
}

const sessions = {
  async listen() {
    const end = await open("listen", LISTEN);
    await listen(end, new Uint8Array(readFileSync(wav)).buffer);
    return described(end);
  },
  async speak() {
    const end = await open("speak", SPEAK);
    await speak(end);
    return described(end);
  },
  async idle() {
    return idle(await open("listen", LISTEN));
  },
  async refused() {
    await deny("listen", LISTEN, 401);
    return deny("speak", SPEAK, 401);
  },
  async unsuitable() {
    await deny("listen", { ...LISTEN, encoding: "opus" }, 400);
    return deny("speak", { ...SPEAK, sample_rate: 1 }, 400);
  },
};

try {
  console.log(await sessions[session]());
  process.exit(0); // whatever timers an SDK has left
} catch (wrong) {
  console.error(`${wrong.stack}\n${wrong}`);
  process.exit(1);
}
