# SPDX-License-Identifier: Apache-2.0
"""Starts a test of the window in a D-Bus session of its own, or says loudly why it cannot."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import steer  # noqa: E402
import tap  # noqa: E402

READER = pathlib.Path(__file__).resolve().parent / "reader.py"
SYSTEM_PYTHON = "/usr/bin/python3"


def can_read():
    return subprocess.run([SYSTEM_PYTHON, "-c", "import gi; gi.require_version('Atspi', '2.0')"],
                          capture_output=True).returncode == 0


def lacks():
    found = steer.missing()
    if not os.access(sys.argv[1], os.X_OK):
        found.append("escher-desktop (built only with webkit2gtk-4.1)")
    if not can_read():
        found.append("gir1.2-atspi-2.0 for " + SYSTEM_PYTHON)
    return found


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>{folder}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


def in_own_session(pattern="org.a11y.*.service"):
    """Runs this program again on a bus that knows only the accessibility service: no keychain,
    nothing of the person who runs the tests, nothing shared with a test beside it."""
    with tempfile.TemporaryDirectory(prefix="escher-session-") as folder:
        services = pathlib.Path(folder, "services")
        services.mkdir()
        for service in pathlib.Path("/usr/share/dbus-1/services").glob(pattern):
            (services / service.name).symlink_to(service)
        bus = pathlib.Path(folder, "bus.conf")
        bus.write_text(BUS.format(folder=services))
        code = subprocess.run(
            ["dbus-run-session", f"--config-file={bus}", "--", sys.executable, *sys.argv],
            env={**os.environ, "ESCHER_TEST_BUS": "1", "XDG_RUNTIME_DIR": folder,
                 "GSETTINGS_BACKEND": "memory",
                 # GTK and its neighbours keep things until the process ends.
                 "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0"}).returncode
        steer.end_all_with("XDG_RUNTIME_DIR", folder)
        return code


def enter():
    """Comes back inside a session of the test's own; its first argument is the program."""
    if "ESCHER_TEST_BUS" not in os.environ:
        if lacks():
            print(f"the window is not tested: missing {', '.join(lacks())}", file=sys.stderr)
            print(f"ok 1 - the_window # SKIP missing {', '.join(lacks())}\n1..1")
            sys.exit(0)
        sys.exit(in_own_session())


def run():
    """Call it as the last line of a test in Python."""
    enter()
    # Without this, GTK tells a screen reader of its dialogs, and the web view tells nothing.
    subprocess.run(["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path",
                    "/org/a11y/bus", "--method", "org.freedesktop.DBus.Properties.Set",
                    "org.a11y.Status", "IsEnabled", "<true>"], stdout=subprocess.DEVNULL)
    only = os.environ.get("ESCHER_TEST_ONLY")  # for people: tests whose names hold this word
    for case in vars(sys.modules["__main__"]).values():
        for name in dir(case) if only and isinstance(case, type) else []:
            if name.startswith("test_") and only not in name:
                delattr(case, name)
    tap.main()


def read(display, *words):
    """What reader.py prints, or a failure that says what it looked for."""
    done = subprocess.run([SYSTEM_PYTHON, READER, *words], text=True, capture_output=True,
                          env={**os.environ, "DISPLAY": display.name})
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout.strip()
