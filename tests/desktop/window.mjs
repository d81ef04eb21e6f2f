// SPDX-License-Identifier: Apache-2.0
// The window under WebDriver, with as much of Playwright's page as the tests of the page use, so that
// the same steps are taken in both. Clicks and keys are those of a person: the driver moves a
// pointer and presses keys. Names and roles are what the engine tells a screen reader.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const patience = 120_000;
const element = "element-6066-11e4-a52e-4f735466cecf"; // @source WebDriver, 12.1, web element identifier
const keys = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004", Shift: "\uE008", Control: "\uE009", Backspace: "\uE003", ArrowDown: "\uE015", ArrowUp: "\uE013", Home: "\uE011", End: "\uE010" };

/* Runs in the page: the visible elements that every step leads to. */
const find = function (steps) {
  const roles = {
    article: "article", button: "button, summary", cell: "td", combobox: "select", dialog: "dialog",
    heading: "h1, h2, h3, h4", link: "a[href]", status: "output", textbox: "textarea, input",
  };
  const words = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const fits = (text, { source, flags, exact, wanted }) =>
    source !== undefined ? new RegExp(source, flags).test(text) : exact ? text === wanted : text.toLowerCase().includes(wanted.toLowerCase());
  const labelOf = (one) => words(one.getAttribute("aria-label") ?? [...(one.labels ?? [])].map((label) => label.textContent).join(" "));
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[hidden]");
  const every = (roots, css) => [...new Set(roots.flatMap((root) => [...root.querySelectorAll(css)]))].filter(shown);
  let found = [document];
  for (const step of steps) {
    if (step.css) found = every(found, step.css).filter((one) => !step.text || fits(words(one.textContent), step.text));
    else if (step.label) found = every(found, "input, textarea, select, [aria-label]").filter((one) => fits(labelOf(one), step.label));
    else if (step.role) {
      // Some candidates too many: which of them it is, the engine's own reading decides.
      const css = `[role=${step.role}]${roles[step.role] ? `, ${roles[step.role]}` : ""}`;
      found = every(found, css).filter((one) => !step.name || fits(labelOf(one) || words(one.textContent), step.name) || fits(words(one.textContent), step.name));
    } else if (step.says) {
      const all = every(found, "body *").filter((one) => !["SCRIPT", "STYLE"].includes(one.tagName) && fits(words(one.textContent), step.says));
      found = all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
    } else found = found.slice(step.nth, step.nth + 1);
  }
  return found;
};

const wish = (text, exact) => (text instanceof RegExp ? { source: text.source, flags: text.flags } : { wanted: text.replace(/\s+/g, " ").trim(), exact });

class Locator {
  constructor(page, steps) {
    Object.assign(this, { page, steps });
  }
  with(step) {
    return new Locator(this.page, [...this.steps, step]);
  }
  locator(css, { hasText } = {}) {
    return this.with({ css, text: hasText === undefined ? undefined : wish(hasText) });
  }
  getByText(text, { exact } = {}) {
    return this.with({ says: wish(text, exact) });
  }
  getByLabel(text) {
    return this.with({ label: wish(text) });
  }
  getByRole(role, { name, exact } = {}) {
    return this.with({ role, name: name === undefined ? undefined : wish(name, exact) });
  }
  nth(nth) {
    return this.with({ nth });
  }
  first() {
    return this.nth(0);
  }

  /* The elements there are now. A role that was asked for is one that a screen reader would hear. */
  async all() {
    const found = await this.page.window.execute(`return (${find})(arguments[0])`, this.steps);
    const step = this.steps.findLast((one) => one.nth === undefined);
    if (!step.role) return found;
    for (const one of found) {
      const role = await this.page.window.of(one, "computedrole");
      const alike = { article: ["article"], cell: ["cell", "gridcell"], combobox: ["combobox", "textbox"], dialog: ["dialog", "generic"] }[step.role] ?? [step.role];
      assert.ok(alike.includes(role), `${JSON.stringify(step)} is heard as ${role}`);
    }
    return found;
  }

  async one(seconds = patience) {
    try {
      return await this.page.window.wait(async () => (await this.all())[0], JSON.stringify(this.steps), seconds);
    } catch (error) {
      const seen = await this.page.window.execute("return location.pathname + location.search + ': ' + document.body.innerText.slice(0, 1500)");
      throw new Error(`${error.message}; the page shows ${JSON.stringify(seen)}`);
    }
  }
  async waitFor({ state = "visible", timeout = patience } = {}) {
    if (state === "visible") return void (await this.one(timeout));
    await this.page.window.wait(async () => (await this.all()).length === 0, `no ${JSON.stringify(this.steps)}`, timeout);
  }
  async count() {
    return (await this.all()).length;
  }
  /* What is drawn anew meanwhile is looked for again. */
  async act(fn) {
    for (let tries = 0; ; tries++) {
      try {
        return await fn(await this.one());
      } catch (error) {
        if (tries > 5 || !/stale|not found|no such element|not interactable/i.test(error.message)) throw error;
        await pause(50);
      }
    }
  }
  evaluate(fn, value) {
    return this.act((one) => this.page.window.execute(`return (${fn})(arguments[0], arguments[1])`, one, value));
  }
  textContent() {
    return this.evaluate((one) => one.textContent);
  }
  inputValue() {
    return this.evaluate((one) => one.value);
  }
  isDisabled() {
    return this.evaluate((one) => one.disabled);
  }
  async click() {
    await this.act((one) => this.page.window.post(`/element/${one[element]}/click`, {}));
  }
  async fill(text) {
    await this.click();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.type(text);
    assert.equal(await this.inputValue(), text);
  }
}

class Keyboard {
  constructor(window) {
    this.window = window;
  }
  async strokes(list) {
    await this.window.post("/actions", { actions: [{ type: "key", id: "keyboard", actions: list }] });
  }
  async press(chord) {
    const all = chord.split("+").map((name) => keys[name] ?? name);
    await this.strokes([...all.map((value) => ({ type: "keyDown", value })), ...all.toReversed().map((value) => ({ type: "keyUp", value }))]);
  }
  async type(text) {
    await this.strokes([...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]));
  }
}

class Page extends Locator {
  constructor(window) {
    super(undefined, []);
    Object.assign(this, { page: this, window, keyboard: new Keyboard(window) });
  }
  url() {
    return this.window.ask("GET", "/url");
  }
  async goto(url) {
    await this.window.post("/url", { url });
    await this.watch();
  }
  async reload() {
    await this.window.post("/refresh", {});
    await this.watch();
  }
  /** A function's value, also a promised one; of a string only what it does. */
  async evaluate(what, value) {
    if (typeof what === "string") return this.window.execute(what);
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve(arguments[0]).then(${what}).then((value) => done({ value }), (error) => done({ error: String(error) }))`;
    const answer = await this.window.post("/execute/async", { script, args: [value ?? null] });
    if (answer.error) throw new Error(answer.error);
    return answer.value;
  }
  /* From now on a breach of the policy is remembered. */
  async watch() {
    await this.window.execute(`if (!window.breaches) { window.breaches = [];
      addEventListener("securitypolicyviolation", (e) => breaches.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample)) }`);
  }
  async clean() {
    assert.deepEqual(await this.window.execute("return window.breaches"), []);
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export class Window {
  /** Opens one on the display of this process; its home is in the environment. */
  static async open(environment, ...args) {
    const self = new Window();
    const port = await freePort();
    const display = Object.fromEntries(["DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "GSETTINGS_BACKEND", "ASAN_OPTIONS"].filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
    self.driver = spawn("WebKitWebDriver", [`--port=${port}`], { env: { LANG: "C.UTF-8", ...environment, ...display }, stdio: ["ignore", "ignore", "inherit"] });
    self.base = `http://127.0.0.1:${port}`;
    try {
      await self.begin(args);
    } catch (error) {
      self.driver.kill();
      throw error;
    }
    return self;
  }
  async begin(args) {
    await this.wait(() => fetch(`${this.base}/status`).then(() => true, () => false), "the driver");
    const options = { binary: process.env.ESCHER_DESKTOP, args: ["--automation", ...args] };
    const session = await this.send("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
    this.session = `/session/${session.sessionId}`;
    await this.post("/timeouts", { script: 120_000 });
    this.page = new Page(this);
    await this.page.watch();
  }
  async send(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(300_000) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
  ask(method, path, body) {
    return this.send(method, this.session + path, body);
  }
  post(path, body) {
    return this.ask("POST", path, body);
  }
  execute(script, ...args) {
    return this.post("/execute/sync", { script, args: args.map((one) => one ?? null) });
  }
  of(one, what) {
    return this.ask("GET", `/element/${one[element]}/${what}`);
  }
  async wait(what, name, patienceMs = patience) {
    const end = Date.now() + patienceMs;
    for (;;) {
      const value = await what();
      if (value) return value;
      if (Date.now() > end) throw new Error(`${name} did not come`);
      await pause(30);
    }
  }
  /** As a person closes it; the core stays. Twice is like once. */
  async close() {
    const { driver } = this;
    if (!driver) return;
    this.driver = undefined;
    await this.ask("DELETE", "/window").catch(() => undefined);
    if (driver.exitCode !== null || !driver.kill()) return;
    await new Promise((done) => driver.on("exit", done));
  }
}
