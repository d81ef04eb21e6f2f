# SPDX-License-Identifier: Apache-2.0
"""One window and the page in it: what it can do, and everything it cannot.

usage: test_page.py ESCHER_DESKTOP      (prints TAP)
"""
import http.server
import json
import pathlib
import sys
import threading
import time
import unittest

import fake_core
import session
import steer

STAYED = "escher://app/"
# Word by word: what one directive would let through, another one or the sandbox often stops.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
          "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'; frame-src 'none'; "
          "require-trusted-types-for 'script'; trusted-types escher")


class Elsewhere(http.server.ThreadingHTTPServer):
    """Another origin, which counts who comes: nobody may."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        self.visits = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def verify_request(self, request, client_address):
        self.visits += 1
        return False


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = steer.new_home()
        cls.display = steer.Display()
        cls.core = fake_core.FakeCore(cls.room.name)
        cls.elsewhere = Elsewhere()
        cls.window = steer.Window(sys.argv[1], cls.display, cls.room.name)
        cls.window.run("addEventListener('securitypolicyviolation',"
                       " e => (window.blocked ??= []).push(e.violatedDirective))")

    @classmethod
    def tearDownClass(cls):
        cls.window.close()
        cls.core.stop()
        cls.display.stop()
        cls.room.cleanup()

    def setUp(self):
        self.window.run("window.blocked = []")

    def blocked(self):
        return self.window.run("return window.blocked")

    def refused(self, expression, *arguments):
        with self.assertRaises(steer.Failure) as caught:
            self.window.promise(expression, *arguments)
        return str(caught.exception)

    # The page and its calls.

    def test_the_page_is_there_with_its_title(self):
        self.assertEqual(STAYED, self.window.url())
        self.assertEqual("Escher", self.window.run("return document.title"))
        self.assertEqual("Escher", session.read(self.display, "find", "Escher"))

    def test_a_call_goes_to_the_core_and_its_answer_comes_back(self):
        answer = self.window.promise(
            "(await fetch('/api/echo?a=%C3%BC&b', {method: 'POST', body: args[0], headers:"
            " {'X-Escher': '1', 'Content-Type': 'application/json'}})).json()", '{"name":"ü\u202e"}')
        body = answer["body"]
        self.assertEqual(["POST", "/api/echo?a=%C3%BC&b", '{"name":"ü\u202e"}'],
                         [body["method"], body["path"], body["body"]])
        headers = body["headers"]
        self.assertEqual(["window", "application/json", "1"],
                         [headers["x-escher-door"], headers["accept"], headers["x-escher"]])

    def test_the_window_speaks_for_itself_whatever_the_page_says(self):
        answer = self.window.promise(
            "(await fetch('/api/echo', {headers: {'X-Escher-Door': 'cli', 'Accept': 'text/plain',"
            " 'Last-Event-ID': 'a\u00e9'}})).json()")
        headers = answer["body"]["headers"]
        self.assertEqual("window", headers["x-escher-door"])
        self.assertEqual("application/json", headers["accept"])
        self.assertNotIn("last-event-id", headers)

    def test_a_refusal_keeps_its_code(self):
        code, body = self.window.promise(
            "await (async r => [r.status, await r.json()])(await fetch('/api/nothing'))")
        self.assertEqual([404, "not_found"], [code, body["status"]])

    def test_a_large_answer_comes_whole(self):
        self.assertEqual(8_000_000, self.window.promise(
            "(await (await fetch('/api/big')).json()).body.text.length"))

    def test_a_body_over_its_ceiling_is_refused_here(self):
        self.assertEqual(413, self.window.promise(
            "(await fetch('/api/echo', {method: 'POST', body: 'x'.repeat(2_000_000)})).status"))

    def test_every_answer_carries_the_security_headers(self):
        for path in ("/", "/api/ping", "/api/nothing", "/assets/none.js"):
            with self.subTest(path):
                headers = self.window.promise(
                    "Object.fromEntries((await fetch(args[0])).headers)", path)
                self.assertEqual(POLICY, headers["content-security-policy"])
                self.assertEqual("nosniff", headers["x-content-type-options"])
                self.assertTrue(headers["content-type"])

    def test_a_place_of_the_page_is_the_page(self):
        status, text = self.window.promise(
            "await (async r => [r.status, await r.text()])(await fetch('/runs/42?tab=log'))")
        self.assertEqual(200, status)
        self.assertIn("<title>Escher</title>", text)

    # Events.

    def listen(self):
        before = len(self.core.streams)
        self.window.run(
            "window.got = []; window.source = new EventSource('/api/events');"
            "for (const kind of ['hello', 'changed'])"
            "  source.addEventListener(kind, e => got.push([e.lastEventId, e.type, e.data]))")
        steer.wait_for(lambda: len(self.core.streams) > before)
        steer.wait_for(lambda: self.window.run("return got.length"))

    def test_events_arrive_one_by_one_while_the_stream_stays_open(self):
        self.listen()
        for number in range(1, 4):
            self.core.send(f'id: 1-{number}\nevent: changed\ndata: {{"what":"runs"}}\n\n')
            steer.wait_for(lambda: self.window.run("return got.length") == number + 1)
        self.assertEqual(["1-3", "changed", '{"what":"runs"}'], self.window.run("return got.at(-1)"))
        self.window.run("source.close()")

    def test_a_stream_that_breaks_is_taken_up_again_where_it_was(self):
        self.listen()
        self.core.send("id: 1-7\nevent: changed\ndata: {}\n\n")
        steer.wait_for(lambda: self.window.run("return got.length") == 2)
        seen = len(self.core.asked("/api/events"))
        self.core.cut()
        steer.wait_for(lambda: len(self.core.asked("/api/events")) > seen)
        self.assertIn("1-7", [one["headers"].get("last-event-id")
                              for one in self.core.asked("/api/events")[seen:]])
        self.window.run("source.close()")

    def test_a_page_that_leaves_its_stream_ends_it_at_the_core(self):
        self.window.run("window.source?.close()")
        self.listen()
        before = len(self.core.streams)
        self.window.run("source.close()")

        def is_gone():
            self.core.send(": are you there\n\n")
            return len(self.core.streams) < before
        steer.wait_for(is_gone)

    def test_ten_thousand_events_lose_none(self):
        self.listen()
        self.core.send("".join(f"id: 2-{n}\nevent: changed\ndata: {n}\n\n" for n in range(10_000)))
        steer.wait_for(lambda: self.window.run("return got.length") >= 10_001)
        self.assertTrue(self.window.run(
            "const n = got.filter(g => g[0].startsWith('2-')).map(g => +g[2]);"
            "return n.length === 10000 && n.every((v, i) => v === i)"))
        self.window.run("source.close()")

    # What the policy blocks.

    def test_text_never_becomes_script(self):
        for script in ("eval('1')", "new Function('return 1')()", "setTimeout('window.ran = 1')",
                       "document.body.innerHTML = '<b>x</b>'",
                       "document.write('<b>x</b>')",
                       "document.createElement('script').src = '/assets/x.js'",
                       "document.createElement('script').text = '1'",
                       "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')"):
            with self.subTest(script):
                self.refused(f"(() => {{ {script} }})()")
        self.assertIsNone(self.window.run("return window.ran ?? null"))

    def test_an_inline_script_or_style_does_nothing(self):
        self.window.run(
            "const p = document.createElement('p'); document.body.append(p);"
            "try { p.setAttribute('onclick', 'window.ran = 1') } catch {}"
            "p.setAttribute('style', 'display: none'); p.click();"
            "const s = document.createElement('style'); s.textContent = 'body { opacity: 0 }';"
            "document.head.append(s)")
        self.assertEqual(["block", "1", None], self.window.run(
            "const p = document.body.lastChild; return [getComputedStyle(p).display,"
            " getComputedStyle(document.body).opacity, window.ran ?? null]"))
        steer.wait_for(lambda: len(self.blocked()) >= 2)

    def test_nothing_reaches_another_origin(self):
        url = self.elsewhere.url
        self.refused("fetch(args[0])", url)
        self.refused("fetch('escher://other/')")
        self.refused("fetch('file:///etc/hostname')")
        self.window.run(
            "const [url] = arguments;"
            "new Image().src = url + '/a.png';"
            "try { new WebSocket(url.replace('http', 'ws')) } catch {}"
            "navigator.sendBeacon?.(url, 'x');"
            "for (const [name, at] of [['link', 'href'], ['img', 'src'], ['iframe', 'src'],"
            "  ['object', 'data'], ['embed', 'src'], ['video', 'src']]) {"
            "  const e = document.createElement(name); e.rel = 'stylesheet';"
            "  try { e[at] = url + '/x' } catch {} document.body.append(e); }", url)
        steer.wait_for(lambda: len(self.blocked()) >= 5)
        time.sleep(0.3)
        self.assertEqual(0, self.elsewhere.visits)

    def test_no_other_way_leads_out_either(self):
        self.window.run(
            "const [url] = arguments; window.heard = [];"
            "const tries = ["
            "  () => new EventSource(url).addEventListener('open', () => heard.push('events')),"
            "  () => { const x = new XMLHttpRequest(); x.open('GET', url); x.onload = () =>"
            "    heard.push('xhr'); x.send() },"
            "  () => import(url + '/a.js').then(() => heard.push('import'), () => 0),"
            "  () => new Worker('data:text/javascript,postMessage(1)').onmessage = () =>"
            "    heard.push('worker'),"
            "  () => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))).onmessage = () =>"
            "    heard.push('blob worker'),"
            "  () => new SharedWorker(url + '/w.js'),"
            "  () => navigator.serviceWorker?.register('/w.js').then(() => heard.push('service'),"
            "    () => 0),"
            "  () => new FontFace('x', `url(${url}/f)`).load().then(() => heard.push('font'),"
            "    () => 0),"
            "  () => document.head.append(Object.assign(document.createElement('base'),"
            "    {href: url})),"
            "  () => document.head.append(Object.assign(document.createElement('meta'),"
            "    {httpEquiv: 'refresh', content: `0;url=${url}`})),"
            "  ...['preload', 'prefetch', 'preconnect', 'dns-prefetch', 'manifest', 'icon'].map("
            "    (rel) => () => document.head.append(Object.assign("
            "      document.createElement('link'), {rel, href: url + '/p', as: 'image'}))),"
            "  () => { const f = Object.assign(document.createElement('form'),"
            "    {action: url, method: 'post'}); document.body.append(f); f.submit() },"
            "  () => { const a = Object.assign(document.createElement('a'), {href: '#x', ping: url});"
            "    document.body.append(a); a.click() },"
            "]; for (const one of tries) try { one() } catch {}", self.elsewhere.url)
        steer.wait_for(lambda: len(self.blocked()) >= 5)
        time.sleep(0.5)
        self.assertEqual([], self.window.run("return heard"))
        self.assertEqual(0, self.elsewhere.visits)
        self.assertEqual(STAYED, self.window.url().removesuffix("#x"))
        self.assertEqual(STAYED + "runs", self.window.run(
            "const a = document.createElement('a'); a.setAttribute('href', 'runs'); return a.href"),
            "a base elsewhere counts for nothing")
        self.window.run("document.querySelectorAll('base, meta[http-equiv=refresh]').forEach("
                        "e => e.remove()); history.replaceState(null, '', '/')")

    def test_a_frame_stays_empty(self):
        self.window.run("const f = document.createElement('iframe');"
                        "f.src = 'data:text/html,<p>x'; document.body.append(f)")
        steer.wait_for(self.blocked)
        self.assertIn("frame-src", self.blocked()[0])

    # Where the view may not go.

    def test_the_view_goes_nowhere_else(self):
        for target in (self.elsewhere.url, "file:///etc/passwd", "escher://other/", "about:blank",
                       "escher://app/api/status", "data:text/html,x", "escher:open/x",
                       "javascript:document.title=1"):
            with self.subTest(target):
                self.window.run("location.href = arguments[0]", target)
                time.sleep(0.1)
                self.assertEqual(STAYED, self.window.url())
                self.assertEqual("Escher", self.window.run("return document.title"))
        self.assertEqual(0, self.elsewhere.visits)

    def test_no_second_window_and_no_download(self):
        self.assertIsNone(self.window.run("return window.open('/runs') && 1"))
        self.window.run(
            "for (const extra of [{target: '_blank'}, {download: 'x'}]) {"
            "  const a = Object.assign(document.createElement('a'), {href: '/runs', ...extra});"
            "  document.body.append(a); a.click(); }")
        time.sleep(0.3)
        self.assertEqual(1, len(self.window.go("GET", "/window/handles")))
        self.assertEqual(STAYED, self.window.url())

    def test_permissions_are_denied_unasked(self):
        # Asked as a person would: with a click.
        for number, asks in enumerate((
                "Notification.requestPermission().then(said)",
                "b.requestPointerLock?.(); document.addEventListener('pointerlockchange', () =>"
                " said(document.pointerLockElement ? 'granted' : 'denied'));"
                "document.addEventListener('pointerlockerror', () => said('denied'))",
                "navigator.geolocation.getCurrentPosition(() => said('granted'),"
                " () => said('denied'))",
                "navigator.clipboard.readText().then(() => said('granted'), () => said('denied'))",
                "(navigator.mediaDevices?.getUserMedia({audio: true}) ?? Promise.reject()).then("
                "() => said('granted'), () => said('denied'))")):
            with self.subTest(asks[:40]):
                self.window.run(
                    "window.answer = null; const said = (word) => { window.answer = word };"
                    "const b = document.createElement('button'); b.textContent = 'ask';"
                    "b.style.cssText = 'position:fixed;top:0;left:0;z-index:99;width:60px;height:40px';"
                    f"b.id = 'ask{number}'; b.addEventListener('click', () => {{ {asks} }});"
                    "document.body.append(b)")
                button = self.window.go("POST", "/element", {
                    "using": "css selector", "value": f"#ask{number}"})
                self.window.go("POST", f"/element/{next(iter(button.values()))}/click", {})
                self.assertEqual("denied", self.answer())
                self.window.run(f"document.getElementById('ask{number}').remove()")

    # The bridge.

    def test_the_bridge_has_these_acts_and_cannot_be_replaced(self):
        self.assertEqual(["door", "notify", "open", "save"],
                         self.window.run("return Object.keys(escher).sort()"))
        self.window.run("try { escher.open = 1; window.escher = {} } catch {}")
        self.assertEqual("window", self.window.run("return escher.door"))
        self.assertNotRegex(self.window.run("return String(escher.open)"), "[0-9a-f]{32}")

    def test_what_is_not_the_bridges_own_script_is_refused(self):
        act = json.dumps({"act": "notify", "args": {"title": "x", "body": ""}})
        for message in (act, "0" * 32 + " " + act, "", " " + act, "x" * 100_000):
            with self.subTest(message[:40]):
                self.assertIn("own script", self.refused(
                    "webkit.messageHandlers.escher.postMessage(args[0])", message))
        self.assertIn("own script",
                      self.refused("webkit.messageHandlers.escher.postMessage({act: 'open'})"))

    def test_a_message_that_is_not_in_the_table_is_refused(self):
        # What the script writes goes through toJSON, so a page can send what it likes in its name.
        self.window.run("window.say = (message) => { let first = true;"
                        "Object.prototype.toJSON = function () {"
                        "  if (!first) return this; first = false; return message };"
                        "try { return escher.open('https://docs.example/') }"
                        "finally { delete Object.prototype.toJSON } }")
        note = {"title": "x", "body": ""}
        for message, words in (
                ({"act": "run", "args": {}}, "no such act"),
                ({"act": "approve", "args": {"hash": "0" * 64}}, "no such act"),
                ({"act": "", "args": {}}, "no such act"),
                ({"act": ["open"], "args": {"url": "https://h/"}}, "no such act"),
                ({"args": note}, "no such act"),
                ({"act": "notify", "args": note, "by": "me"}, "malformed"),
                ([], "no such act"), (None, "no such act"), ("notify", "no such act"),
                ({"act": "notify"}, "not those of this act"),
                ({"act": "notify", "args": []}, "not those of this act"),
                ({"act": "notify", "args": {"title": "x"}}, "not those of this act"),
                ({"act": "notify", "args": {**note, "icon": "/etc/passwd"}}, "not those of"),
                ({"act": "notify", "args": {"title": "x", "body": 7}}, "not those of this act"),
                ({"act": "notify", "args": {"title": "", "body": ""}}, "not allowed"),
                ({"act": "open", "args": {"url": {"x": {"y": {"z": "deep"}}}}}, "malformed")):
            with self.subTest(json.dumps(message)):
                self.assertIn(words, self.refused("say(args[0])", message))

    def test_another_frame_has_no_bridge_although_it_has_the_handler(self):
        self.window.run("window.inner = document.createElement('iframe');"
                        "document.body.append(inner)")
        self.assertIsNone(self.window.run("return inner.contentWindow.escher ?? null"))
        self.assertIn("own script", self.refused(
            "inner.contentWindow.webkit.messageHandlers.escher.postMessage(args[0])",
            "0" * 32 + ' {"act":"notify","args":{"title":"x","body":""}}'))

    def test_only_web_addresses_are_opened(self):
        for url in ("javascript:alert(1)", "file:///etc/passwd", "escher://app/", "data:text/html,x",
                    "http://user:secret@host/", "https://exa mple/", "https://ex\u0430mple/", "",
                    "https://", "https://h/\u202e", "mailto:a@b", "https://h/" + "a" * 3000):
            with self.subTest(url[:40]):
                self.assertIn("not allowed", self.refused("escher.open(args[0])", url))

    def test_only_plain_file_names_are_offered(self):
        for name in ("../x", "/etc/passwd", ".bashrc", "", "a\\b", "x" * 200):
            with self.subTest(name[:20]):
                self.assertIn("not allowed", self.refused("escher.save(args[0], '')", name))

    def ask(self, expression):
        self.window.run("window.answer = null;"
                        f"{expression}.then(v => window.answer = v, e => window.answer = String(e))")

    def answer(self):
        return steer.wait_for(lambda: self.window.run("return window.answer"))

    def test_a_link_is_opened_only_after_its_host_was_seen(self):
        self.ask("escher.open('https://docs.example/a?b=1')")
        self.assertIn("Open docs.example in the browser?",
                      session.read(self.display, "find", "docs.example"))
        self.assertIn("another question", self.refused("escher.open('https://other.example/')"))
        self.assertIn("another question", self.refused("escher.save('a.txt', '')"))
        session.read(self.display, "press", "Stay here")
        self.assertEqual({"opened": False}, self.answer())

    def test_a_file_is_saved_where_the_person_says(self):
        target = pathlib.Path(self.room.name) / "out.json"
        self.ask("escher.save('rows.json', '{\"rows\":1}')")
        self.assertIn("rows.json", session.read(self.display, "find", "rows.json"))
        session.read(self.display, "type", str(target))
        session.read(self.display, "press", "Save")
        self.assertEqual({"saved": True, "path": str(target)}, self.answer())
        self.assertEqual('{"rows":1}', target.read_text())
        self.assertEqual(0o600, target.stat().st_mode & 0o777)

    def test_saving_can_be_called_off(self):
        self.ask("escher.save('rows.json', '1')")
        session.read(self.display, "press", "Cancel")
        self.assertEqual({"saved": False}, self.answer())

    # The processes.

    def test_the_pages_process_is_shut_in(self):
        pid = self.window.web_process()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.assertIn("Seccomp:\t2", status)
        self.assertIn("NoNewPrivs:\t1", status)
        for kind in ("net", "pid", "mnt"):
            inside = pathlib.Path(f"/proc/{pid}/ns/{kind}").readlink()
            self.assertNotEqual(pathlib.Path(f"/proc/self/ns/{kind}").readlink(), inside)
        source = pathlib.Path(f"/proc/{pid}/root{pathlib.Path(__file__).resolve()}")
        self.assertFalse(source.exists(), "the page's process sees this file")


if __name__ == "__main__":
    session.run()
