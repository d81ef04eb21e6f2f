// SPDX-License-Identifier: Apache-2.0
// Test support: the built page and the fake core behind one loopback port, with the headers of
// the real door. `node tests/fake/server.mjs [PORT] [RESOURCES]` serves it to look at.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Core } from "./core.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };

/* The policy of the real doors, read from where it is written. */
function policy() {
  const text = readFileSync(new URL("../../../escher/page/security.c", import.meta.url), "utf8");
  const define = /#define CSP([\s\S]*?)\n\n/.exec(text)?.[1] ?? "";
  return [...define.matchAll(/"([^"]*)"/g)].map((match) => match[1]).join("");
}

/** On a loopback port, or where a path is given on a Unix socket, as the core of a window. */
export function serve(core, at = 0) {
  const headers = { "Content-Security-Policy": policy(), "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" };
  const streams = new Map(); // each with what ends its following
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname === "/api/events" && core.locked) {
      response.writeHead(423).end();
    } else if (url.pathname === "/api/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write("retry: 20\n\n");
      const stop = core.follow(request.headers["last-event-id"], (id, event) => response.write(`id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`));
      streams.set(response, stop);
      response.on("close", () => {
        streams.delete(response);
        stop();
      });
    } else if (url.pathname.startsWith("/api/")) {
      if (!request.headers["x-escher"] && url.pathname !== "/api/ping") return response.writeHead(403).end();
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { code, document } = core.answer(request.method, url.pathname, text ? JSON.parse(text) : {});
        response.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(document));
      });
    } else {
      const file = join(dist, normalize(url.pathname));
      const found = existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
      response.writeHead(200, { ...headers, "Content-Type": types[extname(found)] ?? "application/octet-stream" });
      createReadStream(found).pipe(response);
    }
  });
  return new Promise((resolve) =>
    server.listen(typeof at === "string" ? { path: at } : { port: at, host: "127.0.0.1" }, () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        followers: () => streams.size,
        /* Ends every stream in the middle of an event, as a core does that is killed; pages may come again. */
        cut: () =>
          [...streams].forEach(([stream, stop]) => {
            streams.delete(stream);
            stop();
            stream.write('id: fa4e000000000001-9999999\nevent: output\ndata: {"kind":"out', () => stream.destroy());
          }),
        close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }),
      }),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(new Core({ count: Number(process.argv[3] ?? 992), stepMs: 2500 }), Number(process.argv[2] ?? 8099));
  console.log(url);
}
