// What is checked, and how it is counted.
'use strict';

const count = { passed: 0, failed: 0 };

/** Counts a check; of one that fails, says what was found instead. */
exports.check = (what, holds, found = '') => {
  count[holds ? 'passed' : 'failed'] += 1;
  if (!holds) console.log(`FAILED: ${what}${found === '' ? '' : ` (found: ${found})`}`);
};

exports.finish = () => {
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed ? 1 : 0;
};

const sleep = (exports.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)));

/** Waits until `found` gives something true, and returns that. */
exports.until = async (found, patience = 5000) => {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    const value = await found();
    if (value) return value;
  }
  return null;
};
