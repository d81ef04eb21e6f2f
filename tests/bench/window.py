# SPDX-License-Identifier: Apache-2.0
"""The window, measured on a display without a screen: software drawing, WebKit's sandbox on.

usage: window.py ESCHER_DESKTOP      a core answers under ESCHER_HOME; prints lines of JSON

The first paint is seen from outside: the display's pixels are watched, and what counts is when
they are those of the finished page, apart from what blinks. The rest is asked of the page over
WebDriver; its clock has steps of 1 ms.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name)
                for name in ("desktop", "support")]

import session  # noqa: E402
import steer  # noqa: E402

SIZE = (1280, 800)
WARM, COLD = 9, 3
BLOCK = 256  # bytes of one row of pixels that are compared at a time
SAME = 0.995  # of the blocks; a caret blinks, an age counts


def say(name, value):
    print(json.dumps({"name": name, "value": round(value, 3)}), flush=True)


def p95(values):
    return sorted(values)[min(int(0.95 * len(values)), len(values) - 1)]


def median(values):
    return sorted(values)[len(values) // 2]


def likeness(one, other):
    blocks = range(0, len(one), BLOCK)
    return sum(one[at:at + BLOCK] == other[at:at + BLOCK] for at in blocks) / len(blocks)


def until_painted(program, environment, screen):
    """Milliseconds from exec until the pixels are those of the page as it stays."""
    pictures, mark = [], screen.mark()
    began = time.perf_counter()
    process = subprocess.Popen([program, "--size", "{}x{}".format(*SIZE)], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    changed = began
    # Over when nothing but a caret has changed for a while.
    while time.perf_counter() - changed < 2 and time.perf_counter() - began < 15:
        now = screen.mark()
        if now != mark:
            mark = now
            picture = screen.picture()
            if not pictures or likeness(pictures[-1][1], picture) < SAME:
                changed = time.perf_counter()
                pictures.append((changed - began, picture))
        time.sleep(0.004)
    process.terminate()
    process.wait()
    final = pictures[-1][1]
    return next(at for at, picture in pictures if likeness(picture, final) >= SAME) * 1000


def drop_caches():
    """True when files are cold from here on; only root may."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
    except OSError:
        return False
    return True


def measure_start(program, environment, screen):
    until_painted(program, environment, screen)
    say("first paint, warm, median",
        median([until_painted(program, environment, screen) for _ in range(WARM)]))
    cold = [until_painted(program, environment, screen) for _ in range(COLD) if drop_caches()]
    if cold:
        say("first paint, cold, median", median(cold))


# What the page is asked. Each stroke is timed from the event's own stamp to the end of its frame.
STROKES = """
window.strokes = [];
addEventListener("keydown", (event) => {
  const from = event.timeStamp;
  const wanted = event.ctrlKey ? () => document.querySelector("dialog[open]") : () => true;
  const look = () => requestAnimationFrame(() => wanted()
    ? setTimeout(() => strokes.push(performance.now() - from)) : look());
  if (event.key.length === 1) look();
}, true);
"""
SCROLL = """new Promise((done) => {
  const list = document.querySelector("[data-list]"), times = [];
  let last = 0;
  const turn = (now) => {
    if (last) times.push(now - last);
    last = now;
    list.scrollTop += 240;
    times.length < 300 ? requestAnimationFrame(turn) : done(times);
  };
  requestAnimationFrame(turn);
})"""
EVENTS = """
window.heard = [];
new EventSource("/api/events").addEventListener("changed", (event) => {
  const at = Date.parse(JSON.parse(event.data).at);
  requestAnimationFrame(() => setTimeout(() =>
    heard.push(performance.timeOrigin + performance.now() - at)));
});
"""


def press(window, *values):
    down = [{"type": "keyDown", "value": value} for value in values]
    up = [{"type": "keyUp", "value": value} for value in reversed(values)]
    window.go("POST", "/actions",
              {"actions": [{"type": "key", "id": "keys", "actions": down + up}]})


def strokes_of(window, keys, count, undo=None):
    window.run("strokes.length = 0")
    for number in range(count):
        press(window, *keys(number))
        steer.wait_for(lambda: window.run("return strokes.length") > number)
        if undo:
            press(window, undo)
            time.sleep(0.05)
    return window.run("return strokes")


def change_settings(number):
    """A change that the core tells every page of, made past the window."""
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(os.path.join(os.environ["ESCHER_HOME"], "run/default.sock"))
        body = json.dumps({"settings": {"bench": number}})
        one.sendall((f"PUT /api/settings HTTP/1.1\r\nHost: escher\r\nX-Escher-Door: window\r\n"
                     f"Content-Type: application/json\r\nAccept: application/json\r\n"
                     f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        answer = one.recv(4096)
        if b" 200 " not in answer:
            raise RuntimeError(answer.decode(errors="replace"))


def open_estate(window):
    window.go("POST", "/url", {"url": "escher://app/estate"})
    steer.wait_for(lambda: window.run("return document.querySelectorAll('.row').length"))
    total = window.run("return +document.querySelector('[role=grid]').ariaRowCount - 1")
    say("resources", total)
    return total


def measure_page(window, total):
    window.run(STROKES)
    window.run("document.querySelector('.query-bar input').focus()")
    text = "production database of the billing team "
    say("keystroke to paint, p95", p95(strokes_of(window, lambda n: (text[n],), len(text))))
    window.run("document.querySelector('[aria-label=\"Clear the query\"]').click()")
    steer.wait_for(lambda: total == window.run(
        "return +document.querySelector('[role=grid]').ariaRowCount - 1"))
    say("scroll frame, p95", p95(window.promise(SCROLL)))
    control, escape = "\ue009", "\ue00c"
    say("palette to paint, p95",
        p95(strokes_of(window, lambda _: (control, "k"), 30, undo=escape)))
    window.run(EVENTS)
    time.sleep(0.5)
    for number in range(60):
        change_settings(number)
        time.sleep(0.03)
    steer.wait_for(lambda: window.run("return heard.length") >= 60)
    say("event from core to page, p95", p95(window.run("return heard")))


def measure_memory(window, when):
    time.sleep(2)
    say(f"process tree, PSS, {when}", steer.pss_mb(steer.tree(window.pid())))
    say(f"shell, PSS, {when}", steer.pss_mb([window.pid()]))


def measure_size(program):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "stripped"
        subprocess.run(["strip", "-o", stripped, program], check=True)
        say("binary, stripped", stripped.stat().st_size / 1e6)


def main():
    program = os.path.abspath(sys.argv[1])
    measure_size(program)
    display = steer.Display("{}x{}".format(*SIZE))
    try:
        environment = {**os.environ, "DISPLAY": display.name}
        environment.pop("WAYLAND_DISPLAY", None)
        measure_start(program, environment, display.screen)
        window = steer.Window(program, display, os.environ["ESCHER_HOME"], "--size",
                              "{}x{}".format(*SIZE))
        try:
            total = open_estate(window)
            measure_memory(window, "list open")
            measure_page(window, total)
            measure_memory(window, "after use")
        finally:
            window.close()
    finally:
        display.stop()


if __name__ == "__main__":
    if "ESCHER_TEST_BUS" not in os.environ:
        sys.exit(session.in_own_session("none"))
    main()
