# SPDX-License-Identifier: Apache-2.0
"""The window as a screen reader sees it. Run with the system's Python, which has gi.

usage: reader.py WORD...      does one thing with programs named escher, waits for it patiently
    find TEXT                 something is there whose name or text holds TEXT; prints that
    press NAME                the button of that name is pressed
    type TEXT...              the entries of the newest dialog get these texts, in order
    uri                       prints the address of the page's document
    notes FILE                is the desktop's notification service; writes what it is told to FILE
    portal                    is the desktop's portal, dark from the start; light after a line on
                              its stdin
"""
import pathlib
import sys
import time
import warnings

import gi

warnings.simplefilter("ignore", DeprecationWarning)  # the newer names are not in Debian 12
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from patience import PATIENCE_S  # noqa: E402

ENTRIES = (Atspi.Role.PASSWORD_TEXT, Atspi.Role.ENTRY, Atspi.Role.TEXT)
DIALOGS = (Atspi.Role.DIALOG, Atspi.Role.FILE_CHOOSER, Atspi.Role.ALERT)


def walk(node, depth=0):
    if node is None or depth > 40:
        return
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(min(count, 200)):
        try:
            yield from walk(node.get_child_at_index(index), depth + 1)
        except GLib.Error:
            pass


def windows():
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(index)
        if program and "escher" in (program.get_name() or ""):
            yield from (program.get_child_at_index(n) for n in range(program.get_child_count()))


def everything():
    for window in windows():
        yield from walk(window)


def in_dialogs():
    for window in windows():
        if window and window.get_role() in DIALOGS:
            yield from walk(window)


def words_of(node):
    try:
        words = node.get_name() or ""
        if "Text" in node.get_interfaces():
            words += " " + Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))
        return words
    except GLib.Error:
        return ""


def is_showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def find(text):
    for node in everything():
        if text in words_of(node) and is_showing(node):
            return words_of(node).strip()
    return None


def press(name):
    for node in everything():
        if node.get_role() == Atspi.Role.PUSH_BUTTON and node.get_name() == name and \
                is_showing(node):
            node.get_action_iface().do_action(0)
            return name
    return None


def type_all(texts):
    entries = [node for node in in_dialogs() if node.get_role() in ENTRIES and is_showing(node) and
               node.get_state_set().contains(Atspi.StateType.EDITABLE)]
    if len(entries) < len(texts):
        return None
    for node, text in zip(entries, texts):
        Atspi.EditableText.set_text_contents(node, text)
    return "typed"


def uri():
    for node in everything():
        if node.get_role() == Atspi.Role.DOCUMENT_WEB:
            return node.get_document_iface().get_document_attribute_value("URI")
    return None


def serve(name, path, xml, on_call, loop):
    """Owns the name and answers its calls; says `ready` once it does."""
    interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
    Gio.bus_own_name(
        Gio.BusType.SESSION, name, Gio.BusNameOwnerFlags.NONE,
        lambda bus, _name: bus.register_object(path, interface, on_call, None, None),
        lambda _bus, _name: print("ready", flush=True), None)
    loop.run()


def serve_notes(path):
    xml = ("<node><interface name='org.freedesktop.Notifications'><method name='Notify'>"
           + "".join(f"<arg type='{kind}' direction='in'/>" for kind in
                     ("s", "u", "s", "s", "s", "as", "a{sv}", "i"))
           + "<arg type='u' direction='out'/></method></interface></node>")

    def on_call(_bus, _sender, _path, _interface, _method, arguments, invocation):
        with open(path, "a", encoding="utf-8") as out:
            out.write("\t".join(arguments.unpack()[3:5]) + "\n")
        invocation.return_value(GLib.Variant("(u)", (1,)))

    serve("org.freedesktop.Notifications", "/org/freedesktop/Notifications", xml, on_call,
          GLib.MainLoop())


def serve_portal():
    xml = ("<node><interface name='org.freedesktop.portal.Settings'><method name='Read'>"
           "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
           "<arg type='v' direction='out'/></method></interface></node>")
    path, key = "/org/freedesktop/portal/desktop", ("org.freedesktop.appearance", "color-scheme")

    def on_call(_bus, _sender, _path, _interface, _method, arguments, invocation):
        asked = arguments.unpack() == key
        value = GLib.Variant("v", GLib.Variant("u", 1 if asked else 0))
        invocation.return_value(GLib.Variant.new_tuple(GLib.Variant("v", value)))

    def on_line(_source, _condition):
        sys.stdin.readline()
        Gio.bus_get_sync(Gio.BusType.SESSION).emit_signal(
            None, path, "org.freedesktop.portal.Settings", "SettingChanged",
            GLib.Variant("(ssv)", (*key, GLib.Variant("u", 2))))
        return False

    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, on_line)
    serve("org.freedesktop.portal.Desktop", path, xml, on_call, GLib.MainLoop())


def main():
    verb, words = sys.argv[1], sys.argv[2:]
    if verb == "notes":
        serve_notes(words[0])
    if verb == "portal":
        serve_portal()
    act = {"find": lambda: find(words[0]), "press": lambda: press(words[0]),
           "type": lambda: type_all(words), "uri": uri}[verb]
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            found = act()
        except GLib.Error:  # what was looked at is gone, as a page that crashed is: look again
            found = None
        if found:
            print(found)
            return 0
        time.sleep(0.05)
    print(f"reader: no {' '.join(sys.argv[1:])}", file=sys.stderr)
    return 1


sys.exit(main())
