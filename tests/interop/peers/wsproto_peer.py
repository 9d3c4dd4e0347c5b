"""Python's `wsproto`, which does no I/O, as a peer over asyncio's streams; see shared.py."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate

import shared


class Line:
    """A connection with its streams."""

    def __init__(self, protocol, reader, writer):
        self.protocol = protocol
        self.reader = reader
        self.writer = writer
        self.text = []  # the message that is being received, part by part
        self.octets = []

    async def say(self, event):
        self.writer.write(self.protocol.send(event))
        await self.writer.drain()

    async def send(self, data):
        message = TextMessage if isinstance(data, str) else BytesMessage
        await self.say(message(data=data))

    async def fragments(self, parts, is_text):
        """A text is cut between characters, as wsproto takes no other parts of it."""
        if is_text:
            parts = shared.parts(b"".join(parts).decode(), len(parts))
        message = TextMessage if is_text else BytesMessage
        for index, part in enumerate(parts):
            await self.say(message(data=part, message_finished=index == len(parts) - 1))

    async def ping(self, text):
        await self.say(Ping(payload=text.encode()))

    async def close(self, code, reason):
        await self.say(CloseConnection(code=code, reason=reason or None))

    async def events(self):
        while True:
            for event in self.protocol.events():
                yield event
            octets = await self.reader.read(1 << 16)
            self.protocol.receive_data(octets or None)
            if not octets:
                return

    def whole(self, event):
        """The message that ends here, if one does."""
        parts, empty = (self.text, "") if isinstance(event, TextMessage) else (self.octets, b"")
        parts.append(event.data)
        if not event.message_finished:
            return None
        message = empty.join(parts)
        parts.clear()
        return message

    def hang_up(self):
        self.writer.close()


async def session(spec, heard):
    url = urlsplit(spec["url"])
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    line = Line(WSConnection(ConnectionType.CLIENT), reader, writer)
    origin = [(b"Origin", spec["origin"].encode())] if spec["origin"] else []
    await line.say(
        Request(
            host=url.netloc,
            target=url.path,
            subprotocols=spec["subprotocols"],
            extensions=[PerMessageDeflate()] if spec["deflate"] else [],
            extra_headers=origin,
        )
    )
    performing = None
    async for event in line.events():
        if isinstance(event, AcceptConnection):
            extensions = ", ".join(extension.name for extension in event.extensions)
            heard.note("open", event.subprotocol, extensions)
            performing = asyncio.create_task(shared.perform(spec["actions"], heard, line))
        elif isinstance(event, RejectConnection):
            raise shared.Refused(event.status_code)
        elif isinstance(event, (TextMessage, BytesMessage)):
            message = line.whole(event)
            if message is not None:
                heard.message(message)
        elif isinstance(event, Ping):
            heard.note("ping", bytes(event.payload).decode())
            await line.say(event.response())
        elif isinstance(event, Pong):
            heard.note("pong", bytes(event.payload).decode())
        elif isinstance(event, CloseConnection):
            heard.note("close", event.code, event.reason or "")
            if line.protocol.state.name == "REMOTE_CLOSING":
                await line.say(event.response())
            break
    line.hang_up()
    if performing:
        await performing


async def handle(reader, writer):
    line = Line(WSConnection(ConnectionType.SERVER), reader, writer)
    try:
        await converse(line)
    finally:
        line.hang_up()


async def converse(line):
    path = None
    async for event in line.events():
        if isinstance(event, Request):
            path = event.target
            if not await accept(line, event):
                return
        elif isinstance(event, (TextMessage, BytesMessage)):
            message = line.whole(event)
            if message is not None:
                await shared.answer(message, line)
        elif isinstance(event, Ping):
            await line.say(event.response())
        elif isinstance(event, Pong):
            await line.send(f"/pong {bytes(event.payload).decode()}")
        elif isinstance(event, CloseConnection):
            shared.log(path, close=[event.code, event.reason or ""])
            if line.protocol.state.name == "REMOTE_CLOSING":
                await line.say(event.response())
            return


async def accept(line, request):
    fields = {name.lower(): value.decode() for name, value in request.extra_headers}
    status, selected = shared.decide(request.target, request.subprotocols, fields.get(b"origin"))
    if status:
        shared.log(request.target, refused=status)
        await line.say(RejectConnection(status_code=status))
        return False
    await line.say(AcceptConnection(subprotocol=selected, extensions=[PerMessageDeflate()]))
    return True


@asynccontextmanager
async def run(port):
    async with await asyncio.start_server(handle, "127.0.0.1", port):
        yield


shared.main(session, run)
