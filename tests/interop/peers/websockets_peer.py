"""Python's `websockets` as a peer; see shared.py."""

import http
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

import shared

LIMITS = {"max_size": None, "max_queue": None}


class Line:
    def __init__(self, socket, on_pong):
        self.socket = socket
        self.on_pong = on_pong

    async def send(self, data):
        await self.socket.send(data)

    async def fragments(self, parts, is_text):
        await self.socket.send(parts, text=is_text)

    async def ping(self, text):
        waiter = await self.socket.ping(text)
        waiter.add_done_callback(lambda _: self.on_pong(text))

    async def close(self, code, reason):
        await self.socket.close(code, reason)


async def session(spec, heard):
    options = {
        "subprotocols": spec["subprotocols"] or None,
        "origin": spec["origin"],
        "compression": "deflate" if spec["deflate"] else None,
        "proxy": None,
        **LIMITS,
    }
    try:
        socket = await connect(spec["url"], **options)
    except InvalidStatus as error:
        raise shared.Refused(error.response.status_code) from error
    extensions = socket.response.headers.get("Sec-WebSocket-Extensions", "")
    heard.note("open", socket.subprotocol, extensions)
    line = Line(socket, on_pong=lambda text: heard.note("pong", text))

    async def listen():
        try:
            while True:
                heard.message(await socket.recv())
        except ConnectionClosed as closed:
            received = closed.rcvd
            heard.note("close", received and received.code, received and received.reason)

    listening = shared.asyncio.create_task(listen())
    await shared.perform(spec["actions"], heard, line)
    await listening


async def handle(socket):
    pongs = []  # tasks, so that they are not lost

    def on_pong(text):
        pongs.append(shared.asyncio.ensure_future(socket.send(f"/pong {text}")))

    line = Line(socket, on_pong)
    try:
        while True:
            await shared.answer(await socket.recv(), line)
    except ConnectionClosed as closed:
        received = closed.rcvd
        shared.log(socket.request.path, close=received and [received.code, received.reason])


def process_request(connection, request):
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    offered = [name.strip() for name in offered]
    origin = request.headers.get("Origin")
    status, connection.selected = shared.decide(request.path, offered, origin)
    if status:
        shared.log(request.path, refused=status)
        return connection.respond(http.HTTPStatus(status), "")
    return None


@asynccontextmanager
async def run(port):
    options = {
        "process_request": process_request,
        "select_subprotocol": lambda connection, offered: connection.selected,
        "compression": "deflate",
        **LIMITS,
    }
    async with serve(handle, "127.0.0.1", port, **options):
        yield


shared.main(session, run)
