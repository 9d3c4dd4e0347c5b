// Has TypeScript check that what came in is of the types that version 5 of the SDK declares.
//
// types.mjs PACKAGES TYPESCRIPT EVENTS...
//
// At run time the SDK checks nothing.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [packages, typescript, ...files] = process.argv.slice(2);
const missing = files.find((file) => !existsSync(file));
if (missing) {
  console.error(`there is no ${missing}`);
  process.exit(1);
}
const events = files.flatMap((file) => JSON.parse(readFileSync(file)));
const messages = events.filter(({ type }) => !type.startsWith("("));

const declared = messages.map((message, index) => {
  // Metadata is the one type that both services have, in two forms.
  const service = "model_name" in message || message.type.endsWith("ed") ? "speak" : "listen";
  const name = message.type === "SpeechStarted" ? "listen" : service;
  const type = `Deepgram.${name}.${name === "speak" ? "Speak" : "Listen"}V1${message.type}`;
  const literal = JSON.stringify(message.type);
  return `const m${index}: ${type} = { ...${JSON.stringify(message)}, type: ${literal} as const };`;
});
const source = ['import type { Deepgram } from "@deepgram/sdk";', ...declared].join("\n");
writeFileSync(`${packages}/messages.ts`, source);

const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "messages.ts"];
const tsc = `${typescript}/node_modules/typescript/bin/tsc`;
const checked = spawnSync(process.execPath, [tsc, ...options], { cwd: packages, encoding: "utf8" });
if (messages.length === 0 || checked.status !== 0) {
  console.error(checked.stdout.split("\n")[0] || `${messages.length} messages: ${checked.stderr}`);
  process.exit(1);
}
