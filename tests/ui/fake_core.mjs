// SPDX-License-Identifier: Apache-2.0
// The fake core of the page's tests, asked from outside: requests as JSON lines on stdin
// ({method, path, body}), answers as JSON lines on stdout, and after them the events it told.
import { createInterface } from "node:readline";
import { Core } from "../../ui/tests/fake/core.mjs";

const core = new Core({ count: 60, stepMs: 1 });
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const settled = () => new Promise((done) => setTimeout(done, 50));

let syncing = false;
core.follow(undefined, (id, event) => {
  if (event.kind === "sync.started" || event.kind === "sync.done") syncing = event.kind === "sync.started";
  say({ event });
});
for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, body, wait } = JSON.parse(line);
  say({ answer: core.answer(method, path, body).document });
  if (wait) while (core.run(wait).outcome === undefined) await settled();
}
while (syncing) await settled();
