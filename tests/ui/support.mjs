// SPDX-License-Identifier: Apache-2.0
// What the tests of the page share: Chromium, the real programs on a demo cloud of their own, and
// a watch over everything that must never happen in any of them.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const modules = join(root, "ui/node_modules");
const chromiumPath = "/usr/bin/chromium";
const run = promisify(execFile);
export const patience = 120_000; // for what has to come: spent only on what is broken

/** Why these tests cannot run here; undefined when they can. */
export function missing({ programs = false } = {}) {
  if (!existsSync(join(modules, "playwright-core"))) return "ui/node_modules is missing: tools/setup node";
  if (!existsSync(chromiumPath)) return `${chromiumPath} is missing: tools/setup packages`;
  if (!existsSync(join(root, "ui/dist/index.html"))) return "ui/dist is missing: make ui";
  if (programs && !existsSync(join(root, "build/bin/escher"))) return "build/bin/escher is missing: make build";
  if (programs && !existsSync(join(root, "build/share/minilm.escemb"))) return "the weights are missing: make build";
  return undefined;
}

const require = createRequire(join(root, "ui/package.json"));

export async function browser(...args) {
  const { chromium } = require("playwright-core");
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args],
  });
}

/**
 * What makes a page as slow as one on a busy machine, for those who look for races: ESCHER_UI_SLOW
 * is how many times slower its processor is, ESCHER_UI_LATE by how many milliseconds answers come later.
 */
export async function slowDown(context, page) {
  const { ESCHER_UI_SLOW: rate, ESCHER_UI_LATE: latency } = process.env;
  if (!rate && !latency) return;
  const session = await context.newCDPSession(page);
  if (rate) await session.send("Emulation.setCPUThrottlingRate", { rate: Number(rate) });
  if (latency) await session.send("Network.enable");
  if (latency) await session.send("Network.emulateNetworkConditions", { offline: false, latency: Number(latency), downloadThroughput: -1, uploadThroughput: -1 });
}

/**
 * A page that fails its test on an error of a script, a breach of the policy, or a request elsewhere.
 * One for a single test ends with it, and where that has failed says what it showed.
 */
export async function watchedPage(from, options = {}, t = undefined) {
  const context = await from.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await slowDown(context, page);
  const seen = [];
  await context.exposeFunction("tellBreach", (text) => seen.push(text));
  await context.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.tellBreach(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    ),
  );
  page.on("pageerror", (error) => seen.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.hostname !== "127.0.0.1") seen.push(`request: ${url.href}`);
  });
  t?.after(async () => {
    if (!t.passed) t.diagnostic(await shown(page));
    await context.close();
  });
  return { page, context, clean: () => assert.deepEqual(seen, []) };
}

/** Where a page is and what stands on it, for the record of a test that has failed. */
export async function shown(page) {
  const text = await page.evaluate(() => document.body.innerText.replace(/\s+/g, " ").slice(0, 1500)).catch((error) => error.message);
  return `${page.url()} shows: ${text}`;
}

/** The page listens to the core: what is said from now on, it hears. */
export async function hears(page, core) {
  const said = page.getByRole("status").getByText("The run has started.");
  for (const end = Date.now() + patience; !(await said.isVisible()); await page.waitForTimeout(100)) {
    assert.ok(Date.now() < end, "the page does not hear the core");
    core.publish({ kind: "run.started", subject: "later", data: {} });
  }
}

/** Violations of WCAG 2.2 A and AA, one line each. The policy forbids a script tag, so it is evaluated. */
export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(readFileSync(join(modules, "axe-core/axe.min.js"), "utf8"));
  const violations = await page.evaluate(async () => {
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] })).violations;
  });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.any.map((check) => check.message).join(" ")}`).slice(0, 4).join(" | ")}`);
}

/** A home, a store and a small demo cloud; `escher serve` in front of them. Ends with `end()`. */
export class Desk {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "escher-ui-"));
    const keep = ["PATH", "LANG", "LC_ALL", "TZ"];
    this.environment = Object.fromEntries(keep.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
    Object.assign(this.environment, {
      HOME: this.folder,
      ESCHER_HOME: join(this.folder, "home"),
      PATH: `${root}build/bin:${root}.venv/bin:${process.env.PATH}`,
    });
    writeFileSync(join(this.folder, "passphrase"), "correct horse battery", { mode: 0o600 });
  }

  /* Every command gets the passphrase on a descriptor of its own. */
  command(words) {
    const line = `exec 9<"$HOME/passphrase"; export ESCHER_PASSPHRASE_FD=9; exec "$@"`;
    return ["/bin/bash", ["-c", line, "escher", ...words]];
  }

  async escher(...words) {
    const [file, argv] = this.command(["escher", ...words]);
    const { stdout } = await run(file, argv, { env: this.environment, maxBuffer: 64e6 });
    return stdout;
  }

  /** Asks the cloud itself, past Escher: the state of each name. */
  async cloud(...names) {
    const { stdout } = await run(join(root, "demo/cloud"), ["state", ...names, "--type", "rds_instance", "--home", dirname(this.environment.ESCHER_DEMO_STATE)], { env: this.environment });
    return stdout;
  }

  /** The same of every database, past Escher too: its state by its name. */
  async databases() {
    return Object.fromEntries(JSON.parse(await this.cloud()).map((row) => [row.id, row.state]));
  }

  /** The AWS CLI by itself, as the account the demo gives. */
  async aws(...words) {
    const where = ["--endpoint-url", this.environment.ESCHER_DEMO_ENDPOINT, "--region", "us-west-2", "--profile", "production"];
    await run(join(root, ".venv/bin/aws"), [...where, ...words], { env: this.environment });
  }

  /** Another home, with a store of its own, on the same cloud. */
  async moveTo(home) {
    await this.escher("core", "stop", "--quiet").catch(() => undefined);
    this.environment.ESCHER_HOME = join(this.folder, home);
    await this.escher("init", "--keyring", "file");
  }

  async begin(world = "small") {
    this.world = world;
    const exports = await this.escher("demo", "up", "--world", world);
    for (const match of exports.matchAll(/^export (\w+)=(.*)$/gm)) this.environment[match[1]] = match[2].replace(/^'(.*)'$/, "$1");
    await this.escher("init", "--keyring", "file");
    return this;
  }

  async discover() {
    await this.escher("accounts", "add", "--discover", "--emulator", this.environment.ESCHER_DEMO_ENDPOINT, "--regions", "us-west-2");
  }

  /** A new one-time link. The server behind it lives until the end, or until `stopServing`. */
  async link() {
    const [file, argv] = this.command(["escher", "serve"]);
    this.server = spawn(file, argv, { env: this.environment, stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
      let text = "";
      this.server.stdout.on("data", (piece) => {
        text += piece;
        const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(text);
        if (found) resolve(found[0]);
      });
      this.server.on("exit", () => reject(new Error(`escher serve ended: ${text}`)));
    });
  }

  async stopServing() {
    const ended = new Promise((done) => this.server.on("exit", done));
    this.server.kill("SIGINT");
    await ended;
  }

  async end() {
    this.server?.kill("SIGINT");
    await this.escher("core", "stop", "--quiet").catch(() => undefined);
    this.environment.ESCHER_HOME = join(this.folder, "home");
    if (this.world) await this.escher("demo", "down", "--world", this.world).catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
