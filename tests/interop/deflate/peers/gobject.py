"""libsoup, of GNOME, as a peer of compressed sessions, by Debian's python3-gi:

    gobject.py libsoup server PORT OPTIONS | client URL OPTIONS MESSAGES
"""

import json
import sys
from pathlib import Path

import gi

gi.require_version("Soup", "3.0")
from gi.repository import GLib, Soup  # noqa: E402

loop = GLib.MainLoop()
kept = []  # which GObject would drop


def fail(why):
    print("failed:", why)
    sys.exit(1)


def serve(port):
    def handle(_server, _message, _path, socket):
        kept.append(socket)
        socket.set_max_incoming_payload_size(64 << 20)
        socket.connect("message", lambda socket, kind, data: socket.send_message(kind, data))

    server = Soup.Server()
    server.add_websocket_handler("/", None, None, handle)
    server.listen_local(port, Soup.ServerListenOptions.IPV4_ONLY)
    print("listening", flush=True)
    loop.run()


def text_of(data):
    return data.get_data().decode()


def talk(url, left):
    def opened(session, result):
        try:
            socket = session.websocket_connect_finish(result)
        except GLib.Error as error:
            fail(error.message)
        kept.append(socket)
        socket.connect("message", heard)
        socket.connect("closed", closed)
        socket.send_text(left[0])

    def heard(socket, _, data):
        if text_of(data) != left.pop(0):
            fail("another message came back")
        if left:
            socket.send_text(left[0])
        else:
            socket.close(1000, None)

    def closed(socket):
        if left or socket.get_close_code() != 1000:
            fail(f"closed with {socket.get_close_code()}")
        print("ok")
        loop.quit()

    message = Soup.Message.new("GET", url)
    session = Soup.Session()
    session.add_feature_by_type(Soup.WebsocketExtensionManager)
    session.websocket_connect_async(message, None, None, 0, None, opened)
    GLib.timeout_add_seconds(8, lambda: fail("too slow"))
    loop.run()


_, role, where, _, *file = sys.argv[1:]
if role == "server":
    serve(int(where))
else:
    talk(where, json.loads(Path(file[0]).read_text()))
