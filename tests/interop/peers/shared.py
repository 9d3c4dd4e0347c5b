"""What the peers in Python have in common: sessions as a client, decisions as a server.

A client reads its sessions from the standard input, as a list in JSON, and prints one line for
each: {"cell", "events", "sha256"}, or {"cell", "cannot"} with the reason. A server prints
"listening", and one line for each connection that ended: {"path", "close"} or {"path", "refused"}.
"""

import asyncio
import hashlib
import json
import os
import sys

PATIENCE = 15  # seconds, for a session
KEY = "dGVzdC1rZXk"
PREFIX = "openai-insecure-api-key."
ORIGIN = "https://page.example"
CHAT = ["chat.v2", "chat.v1"]


class Cannot(Exception):
    """The peer has no such thing; its text is the reason."""


class Refused(Exception):
    """The server did not answer with 101; its argument is the status."""


class Heard:
    """What one end heard."""

    def __init__(self):
        self.events = []
        self.messages = 0
        self.digest = hashlib.sha256()
        self.news = asyncio.Event()

    def message(self, data):
        self.messages += 1
        if isinstance(data, str):
            self.note("text", data)
        else:
            self.digest.update(data)
            self.note("binary", len(data))

    def note(self, *event):
        self.events.append(event)
        self.news.set()

    async def wait_for(self, messages):
        while self.messages < messages:
            self.news.clear()
            await self.news.wait()


def parts(octets, count):
    """The octets in so many parts."""
    each = max(1, -(-len(octets) // count))
    return [octets[each * i : each * (i + 1)] for i in range(count)]


async def perform(actions, heard, line):
    """Has a line (send, fragments, ping, close) say what a session wants said."""
    for verb, *rest in actions:
        if verb == "await":
            await heard.wait_for(*rest)
        elif verb == "text":
            text, count = rest
            if count == 1:
                await line.send(text)
            else:
                await line.fragments(parts(text.encode(), count), True)
        elif verb == "binary":
            path, cut, count = rest
            with open(path, "rb") as file:
                octets = file.read()
            for at in range(0, len(octets), cut):
                message = octets[at : at + cut]
                if count == 1:
                    await line.send(message)
                else:
                    await line.fragments(parts(message, count), False)
        elif verb == "ping":
            await line.ping(*rest)
        elif verb == "close":
            await line.close(*rest)


async def run_session(session, spec):
    heard = Heard()
    result = {"cell": spec["cell"]}
    try:
        await asyncio.wait_for(session(spec, heard), PATIENCE)
    except Cannot as reason:
        return result | {"cannot": str(reason)}
    except Refused as refused:
        heard.note("refused", *refused.args)
    except Exception as error:
        heard.note("failed", f"{type(error).__name__}: {error}")
    return result | {"events": heard.events, "sha256": heard.digest.hexdigest()}


async def run_client(session):
    for spec in json.load(sys.stdin):
        print(json.dumps(await run_session(session, spec)), flush=True)


def log(path, **what):
    print(json.dumps({"path": path, **what}), flush=True)


async def run_server(serve, port):
    """Runs until its parent is gone or it is told to end."""
    async with serve(port):
        print("listening", flush=True)
        while os.getppid() != 1:
            await asyncio.sleep(1)


def decide(path, offered, origin):
    """The status to refuse with, if any, and the subprotocol to select, if any."""
    kind = path.split("/")[1]
    if kind == "chat":
        return None, next((name for name in CHAT if name in offered), None)
    if kind == "pair":
        return (None, "token") if offered == ["token", KEY] else (401, None)
    if kind == "prefix":
        return (None, "realtime") if offered == ["realtime", PREFIX + KEY] else (401, None)
    if kind == "origin" and origin != ORIGIN:
        return 403, None
    return None, None


async def answer(data, line):
    """Obeys a text that is an order, and echoes any other message."""
    verb, _, rest = data.partition(" ") if isinstance(data, str) else ("", "", "")
    if verb == "/ping":
        await line.ping(rest)
    elif verb == "/close":
        code, _, reason = rest.partition(" ")
        await line.close(int(code), reason)
    elif verb == "/fragments":
        count, _, text = rest.partition(" ")
        await line.fragments(parts(text.encode(), int(count)), True)
    else:
        await line.send(data)


def main(session, serve):
    role, *port = sys.argv[1:]
    try:
        asyncio.run(run_client(session) if role == "client" else run_server(serve, *map(int, port)))
    except KeyboardInterrupt:
        pass
