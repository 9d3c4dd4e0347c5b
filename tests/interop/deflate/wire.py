"""A relay that keeps what went by, and what can be read from it: the heads, and each frame."""

import re
import socket
import threading

HEAD = 65536  # bytes that are relayed at a time


class Relay:
    """Relays one connection at a time to a port of this machine, from a port of its own."""

    def __init__(self, to=None):
        self.to = to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = [bytearray(), bytearray()]  # what the client said, and the server
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, to):
        """Forgets what went by; what comes goes to this port."""
        self.to, self.heard = to, [bytearray(), bytearray()]

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.to), 5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            for at, (source, sink) in enumerate([(client, server), (server, client)]):
                heard = self.heard[at]
                threading.Thread(target=relay, args=(source, sink, heard), daemon=True).start()

    def session(self):
        return Session(*map(bytes, self.heard))


def relay(source, sink, heard):
    try:
        while data := source.recv(HEAD):
            heard += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Session:
    """What one connection said, read by none of the two ends."""

    def __init__(self, client, server):
        request, client = split(client)
        response, server = split(server)
        self.status = (re.match(r"HTTP/1\.1 (\d+)", response) or [None, None])[1]
        self.offer = extensions(request)
        self.answer = extensions(response)
        self.compressed_up = compressed(client)
        self.compressed_down = compressed(server)


def split(heard):
    head, _, rest = heard.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def extensions(head):
    """The value of the header, over all lines; None without one."""
    lines = re.findall(r"(?im)^sec-websocket-extensions:[ \t]*(.*?)[ \t]*\r?$", head)
    return ", ".join(lines) if lines else None


def compressed(frames):
    """How many messages have RSV1, and how many there are."""
    count = all_messages = 0
    while len(frames) >= 2:
        first, second = frames[:2]
        length, at = second & 0x7F, 2
        if length >= 126:
            at = 4 if length == 126 else 10
            length = int.from_bytes(frames[2:at], "big")
        at += 4 if second & 0x80 else 0
        if first & 0x0F in (1, 2):
            all_messages += 1
            count += first >> 6 & 1
        frames = frames[at + length :]
    return count, all_messages
