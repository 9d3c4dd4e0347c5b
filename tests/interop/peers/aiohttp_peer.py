"""Python's `aiohttp` as a peer; see shared.py."""

import logging
from contextlib import asynccontextmanager

from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web

import shared

WHOLE = "`send_str` and `send_bytes` take whole messages"


class Line:
    def __init__(self, socket):
        self.socket = socket

    async def send(self, data):
        await (self.socket.send_str if isinstance(data, str) else self.socket.send_bytes)(data)

    async def fragments(self, parts, is_text):
        raise shared.Cannot(WHOLE)

    async def ping(self, text):
        await self.socket.ping(text.encode())

    async def close(self, code, reason):
        await self.socket.close(code=code, message=reason.encode())


async def session(spec, heard):
    options = {
        "protocols": spec["subprotocols"],
        "origin": spec["origin"],
        "compress": 15 if spec["deflate"] else 0,
        "autoping": False,  # else it does not show them
        "max_msg_size": 0,
    }
    async with ClientSession() as http:
        try:
            socket = await http.ws_connect(spec["url"], **options)
        except WSServerHandshakeError as error:
            raise shared.Refused(error.status) from error
        extensions = socket._response.headers.get("Sec-WebSocket-Extensions", "")
        heard.note("open", socket.protocol, extensions)
        listening = shared.asyncio.create_task(listen(socket, heard))
        await shared.perform(spec["actions"], heard, Line(socket))
        await listening


async def listen(socket, heard):
    while True:
        message = await socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            heard.message(message.data)
        elif message.type == WSMsgType.PING:
            heard.note("ping", message.data.decode())
            await socket.pong(message.data)
        elif message.type == WSMsgType.PONG:
            heard.note("pong", message.data.decode())
        elif message.type == WSMsgType.CLOSE:
            return heard.note("close", message.data, message.extra)
        else:  # this end closes
            while not socket.closed or socket.close_code is None:
                await shared.asyncio.sleep(0.01)
            return heard.note("close", socket.close_code, "")


async def handle(request):
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    offered = [name.strip() for name in offered.split(",") if name]
    status, selected = shared.decide(request.path, offered, request.headers.get("Origin"))
    if status:
        shared.log(request.path, refused=status)
        return web.Response(status=status)
    protocols = (selected,) if selected else ()
    socket = web.WebSocketResponse(protocols=protocols, autoping=False, max_msg_size=0)
    await socket.prepare(request)
    line = Line(socket)
    closed = None
    while not socket.closed:
        message = await socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            try:
                await shared.answer(message.data, line)
            except shared.Cannot as reason:
                await line.send(f"/cannot {reason}")
        elif message.type == WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type == WSMsgType.PONG:
            await line.send(f"/pong {message.data.decode()}")
        elif message.type == WSMsgType.CLOSE:
            closed = [message.data, message.extra]
    shared.log(request.path, close=closed or [socket.close_code, ""])
    return socket


@asynccontextmanager
async def run(port):
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    application = web.Application()
    application.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


shared.main(session, run)
