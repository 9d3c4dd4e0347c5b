// Runs a WASI program with the root of the file system: node wasi.mjs PROGRAM [ARGUMENT..]
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const program = process.argv[2];
const wasi = new WASI({
  version: 'preview1',
  args: process.argv.slice(2),
  env: { RUST_BACKTRACE: '1', PROPTEST_CASES: process.env.PROPTEST_CASES ?? '' },
  preopens: { '/': '/' },
});
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exit(wasi.start(instance) || 0);
