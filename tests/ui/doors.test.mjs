// SPDX-License-Identifier: Apache-2.0
// What another site can do to the page's door while a person is logged in: nothing. With the real
// `escher serve`, in a real browser, from three real origins: another port of the same host (for a
// browser the same site, so the cookie goes along), another site, and a name that leads to our own
// port (DNS rebinding). Each attempt must fail for its maker, be refused at the door, and change nothing.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Desk, browser, missing, patience, slowDown } from "./support.mjs";

const why = missing({ programs: true });
const resource = JSON.stringify({
  id: "123456789012-us-west-2-ec2_instance-i-1", provider: "aws", resource_type: "ec2_instance", identifier: "i-1",
  arn: "arn:aws:ec2:us-west-2:123456789012:instance/i-1", account_name: "a", name: "planted", account_id: "123456789012",
  region: "us-west-2", state: "running", tags: {}, metadata: {}, constraints: {}, relations: [],
});
const body = JSON.stringify({ lines: resource });
let desk;
let chromium;
let context;
let page;
let link;
let elsewhere;
let home;

before(async () => {
  if (why) return;
  desk = new Desk();
  await desk.escher("init", "--keyring", "file");
  link = await desk.link();
  home = new URL(link).origin;
  elsewhere = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>Elsewhere</title><p>Elsewhere"));
  await new Promise((done) => elsewhere.listen(0, "127.0.0.1", done));
  chromium = await browser("--host-resolver-rules=MAP evil.example 127.0.0.1");
  context = await chromium.newContext();
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  await slowDown(context, page);
  await page.goto(link);
  await page.getByText("Find accounts").waitFor();
});

after(async () => {
  await chromium?.close();
  elsewhere?.close();
  await desk?.end();
});

const resources = () => page.evaluate(async () => (await (await fetch("/api/status", { headers: { "X-Escher": "1" } })).json()).body.resources);

test("the cookie is for this browser's requests from the page alone", { skip: why }, async () => {
  const [cookie, ...others] = await context.cookies(home);
  assert.deepEqual(others, []);
  assert.equal(cookie.name, `escher-${new URL(home).port}`);
  assert.match(cookie.value, /^[0-9a-f]{64}$/);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path, cookie.domain, cookie.expires], [true, "Strict", "/", "127.0.0.1", -1]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.equal(await page.evaluate((value) => Object.values({ ...localStorage, ...sessionStorage }).join().includes(value), cookie.value), false);
});

test("a used link, a wrong one and none let nobody in", { skip: why }, async () => {
  const stranger = await chromium.newContext();
  stranger.setDefaultTimeout(patience);
  const other = await stranger.newPage();
  for (const url of [link, `${home}/#t=${"0".repeat(64)}`, `${home}/`]) {
    await other.goto("about:blank");
    await other.goto(url);
    await other.getByRole("heading", { name: "This page needs a new link" }).waitFor();
    assert.equal(await other.evaluate(async () => (await fetch("/api/status", { headers: { "X-Escher": "1" } })).status), 401);
  }
  assert.deepEqual(await stranger.cookies(), []);
  await stranger.close();
});

/* What a page elsewhere tries; true where it got something. Runs there. */
const attempts = async ({ home, body }) => {
  const json = { "Content-Type": "application/json", "X-Escher": "1" };
  const loads = (name, url, more = {}) =>
    new Promise((done) => {
      const one = Object.assign(document.createElement(name), { onload: () => done(true), onerror: () => done(false), ...more });
      one[name === "link" ? "href" : name === "object" ? "data" : "src"] = url;
      document.body.append(one);
    });
  const gets = (url, options) => fetch(url, { credentials: "include", ...options }).then((answer) => answer.type !== "opaque", () => false);
  const opens = (source, ...kinds) =>
    new Promise((done) => {
      for (const kind of kinds) source.addEventListener(kind, () => done(true));
      source.onerror = () => {
        source.close();
        done(false);
      };
    });
  const post = (type, fields) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { name: `frame${Math.random()}` });
      const form = Object.assign(document.createElement("form"), { method: "post", action: `${home}/api/estate/import`, enctype: type, target: frame.name });
      for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value, type: "hidden" }));
      document.body.append(frame, form);
      frame.onload = () => done(false);
      form.submit();
    });
  return {
    "fetch of an answer": await gets(`${home}/api/status`),
    "fetch with our header": await gets(`${home}/api/status`, { headers: json }),
    "fetch of the page": await gets(`${home}/`),
    "post with our header": await gets(`${home}/api/estate/import`, { method: "POST", body, headers: json }),
    "post as text": await gets(`${home}/api/estate/import`, { method: "POST", body, mode: "no-cors" }),
    "post as a beacon": navigator.sendBeacon(`${home}/api/estate/import`, new Blob([body])) && false,
    "put without asking": await gets(`${home}/api/settings`, { method: "PUT", body: "{}" }),
    "form as text": await post("text/plain", { [`${body.slice(0, -1)},"x":"`]: '"}' }),
    "form as fields": await post("application/x-www-form-urlencoded", { lines: "x" }),
    "events": await opens(new EventSource(`${home}/api/events`, { withCredentials: true }), "open", "hello", "message"),
    "web socket": await opens(new WebSocket(`${home.replace("http", "ws")}/api/events`), "open", "message"),
    "script": await loads("script", `${home}/api/status`),
    "style": await loads("link", `${home}/api/status`, { rel: "stylesheet" }),
    "image": await loads("img", `${home}/favicon.svg`),
    "object": await loads("object", `${home}/`),
  };
};

for (const [kind, host] of [["another port", "127.0.0.1"], ["another site", "evil.example"], ["another name of this machine", "localhost"]])
  test(`a page from ${kind} gets nothing and changes nothing`, { skip: why }, async () => {
    const other = await context.newPage();
    const answers = [];
    other.on("response", (answer) => answer.url().startsWith(home) && answers.push(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname}`));
    const asked = [];
    other.on("request", (request) => request.url().startsWith(home) && asked.push(request.url()));
    await other.goto(`http://${host}:${elsewhere.address().port}/`);
    const got = await other.evaluate(attempts, { home, body });
    assert.deepEqual(Object.entries(got).filter(([, value]) => value), []);
    assert.ok(asked.length >= 12, "the attempts were made");
    assert.deepEqual(answers.filter((answer) => answer < "400"), [], "the door has refused each of them");
    assert.equal(await resources(), 0);
    await other.close();
  });

test("the page shows itself in no frame, and nobody opens it from elsewhere", { skip: why }, async () => {
  for (const host of ["127.0.0.1", "evil.example"]) {
    const other = await context.newPage();
    await other.goto(`http://${host}:${elsewhere.address().port}/`);
    const popup = other.waitForEvent("popup");
    await other.evaluate(async (url) => {
      await new Promise((onload) => document.body.append(Object.assign(document.createElement("iframe"), { src: url, onload })));
      open(url);
    }, `${home}/`);
    const opened = await popup;
    await opened.waitForURL(`${home}/`);
    assert.ok(other.frames().length > 1);
    for (const one of [...other.frames().slice(1), opened]) assert.equal(await one.locator("main, #root").count(), 0);
    await opened.close();
    await other.close();
  }
});

test("the page's own policy keeps it out of frames, whoever sends it", { skip: why }, async () => {
  const answer = await page.request.get(`${home}/`);
  assert.match(answer.headers()["content-security-policy"], /frame-ancestors 'none'/);
  assert.equal(answer.headers()["access-control-allow-origin"], undefined);
});

test("a name that leads here is not the host that was meant", { skip: why }, async () => {
  const other = await context.newPage();
  const rebound = `http://evil.example:${new URL(home).port}`;
  assert.equal((await other.goto(`${rebound}/`)).status(), 421);
  assert.equal(await other.evaluate(async () => (await fetch("/api/status", { headers: { "X-Escher": "1" } })).status), 421);
  await other.close();
});

test("the page itself may do what the others tried", { skip: why }, async () => {
  const status = await page.evaluate(async (text) => (await fetch("/api/estate/import", { method: "POST", body: text, headers: { "X-Escher": "1", "Content-Type": "application/json" } })).status, body);
  assert.equal(status, 200);
  assert.equal(await resources(), 1);
});
