"""Python's `websockets` as the peer of an example; see `run` for its arguments."""

import asyncio
import base64
import json
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Close

PATIENCE = 20  # seconds, for all that one run does
LIMITS = {"max_size": 1 << 21, "max_queue": None}  # a full queue would keep it from the end
THRESHOLD = 64  # octets, from which on the examples compress text
CLOSE = Close(4001, "c'est ça 👋")


class Wrong(Exception):
    """What is not as it must be."""


def check(is_right, what):
    if not is_right:
        raise Wrong(what)


def parameters(header):
    """{"server_max_window_bits": 9, "client_no_context_takeover": True}"""
    name, *rest = header.split("; ")
    check(name == "permessage-deflate", f"negotiated {header!r}")
    pairs = (parameter.partition("=") for parameter in rest)
    return {name: int(value) if value else True for name, _, value in pairs}


class Watched:
    """The extension of a connection: what it inflated, and whether it is to deflate."""

    def __init__(self, extension):
        self.taken = []  # the compressed length of each data frame, None of a plain one
        self.is_off = False
        decode, encode = extension.decode, extension.encode

        def watch(frame, **limits):
            if not frame.opcode & 8:
                self.taken.append(len(frame.data) if frame.rsv1 else None)
            return decode(frame, **limits)

        extension.decode = watch
        extension.encode = lambda frame: frame if self.is_off else encode(frame)


async def send(socket, watched, message):
    """Returns what tells whether the ping was answered, if there was one."""
    data, how = message
    octets = data.encode() if isinstance(data, str) else data
    pongs = []

    async def fragments():
        third = len(octets) // 3
        yield octets[:third]
        pongs.append(await socket.ping("between"))
        yield octets[third : 2 * third]
        yield octets[2 * third :]

    watched.is_off = how == "plain"
    await socket.send(fragments() if how == "fragments" else octets, text=data is not octets)
    watched.is_off = False
    return pongs


async def converse(socket, messages, expected, own):
    header = socket.response.headers.get("Sec-WebSocket-Extensions", "")
    check(parameters(header) == expected, f"negotiated {header!r}")
    watched = Watched(socket.protocol.extensions[0])

    async def send_all(batch):
        return [await send(socket, watched, message) for message in batch]

    async def receive_all(batch):
        for data, _ in batch:
            check(await socket.recv() == data, f"the echo of {len(data)} characters differs")

    half = len(messages) // 2
    for batch in *([message] for message in messages[:half]), messages[half:]:
        pongs, _ = await asyncio.gather(send_all(batch), receive_all(batch))
        check(all(pong.done() for sent in pongs for pong in sent), "a ping was not answered")
    judge(watched.taken, [data for data, _ in messages], takeover=own not in expected)

    await socket.close(CLOSE.code, CLOSE.reason)
    received = socket.protocol.close_rcvd
    check(received and received.code == CLOSE.code, f"closed with {received}")


def judge(taken, sent, takeover):
    """Whether the example compressed its text, and took its context over or did not."""
    check(len(taken) == len(sent), f"{len(taken)} data frames for {len(sent)} messages")
    for length, data in zip(taken, sent):
        if isinstance(data, str):
            size = len(data.encode())
            is_right = (length is not None) == (size >= THRESHOLD)
            check(is_right, f"a text of {size} octets took {length} compressed")
    twin = next(at for at in range(1, len(sent)) if sent[at] == sent[at - 1])
    shrunk = taken[twin] is not None and taken[twin] < len(sent[twin]) / 2
    check(shrunk == takeover, f"the second of two equal messages took {taken[twin]} octets")


async def client(port, messages, expected, factory):
    """Two connections at once."""

    async def session(messages):
        url = f"ws://127.0.0.1:{port}"
        options = {"compression": None, "extensions": [factory], **LIMITS}
        async with connect(url, proxy=None, **options) as socket:
            await converse(socket, messages, expected, "server_no_context_takeover")

    await asyncio.gather(session(messages), session(messages[::-1]))


async def server(port, messages, expected, factory):
    """As the Autobahn suite: a connection that tells the number of cases, the cases, an end."""
    cases = {"1": messages, "2": messages[::-1]}
    end = asyncio.get_running_loop().create_future()

    async def handle(socket):
        path, _, query = socket.request.path.partition("?")
        try:
            if path == "/getCaseCount":
                await socket.send(str(len(cases)))
            elif path == "/runCase":
                case = cases.pop(query.removeprefix("case=").partition("&")[0])
                await converse(socket, case, expected, "client_no_context_takeover")
            elif path == "/updateReports":
                check(not cases, f"cases {', '.join(cases)} were not run")
                end.done() or end.set_result(None)
        except Exception as error:
            end.done() or end.set_exception(error)

    options = {"compression": None, "extensions": [factory], **LIMITS}
    async with serve(handle, "127.0.0.1", port, **options):
        print("listening", flush=True)
        await end


def main():
    role, port, file, header, asks = sys.argv[1:]
    expected = parameters(header)
    asked = expected if asks == "peer" else {}
    messages = []
    with open(file, encoding="utf-8") as lines:
        for message in json.load(lines):
            octets = base64.b64decode(message.get("binary", ""))
            messages.append((message.get("text", octets), message.get("sent")))
    if role == "client":
        run = client(port, messages, expected, ClientPerMessageDeflateFactory(**asked))
    else:
        run = server(port, messages, expected, ServerPerMessageDeflateFactory(**asked))
    try:
        asyncio.run(asyncio.wait_for(run, PATIENCE))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")


main()
