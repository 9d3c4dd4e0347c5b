"""Python's libraries as peers of compressed sessions; see ../peers.py for how each is run:

    python.py LIBRARY server PORT OPTIONS | LIBRARY client URL OPTIONS MESSAGES

A server echoes; a client has each message of the file echoed before it sends the next, and says
"ok" when the connection was closed. OPTIONS is JSON, of which each library takes what it names.
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

PATIENCE = 8  # seconds, for a session
MOST = 64 << 20  # bytes of a message, where a library has less


class AioHttp:
    @staticmethod
    async def serve(port, options):
        from aiohttp import WSMsgType, web

        async def handle(request):
            socket = web.WebSocketResponse(max_msg_size=MOST, **options)
            await socket.prepare(request)
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await socket.send_str(message.data)
                elif message.type == WSMsgType.BINARY:
                    await socket.send_bytes(message.data)
            return socket

        application = web.Application()
        application.router.add_get("/{path:.*}", handle)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    @staticmethod
    async def talk(url, options, messages):
        from aiohttp import ClientSession

        async with ClientSession() as http, http.ws_connect(url, **options) as socket:
            for message in messages:
                await socket.send_str(message)
                check(await socket.receive_str(), message)


class Websockets:
    @staticmethod
    async def serve(port, options):
        from websockets.asyncio.server import serve

        async def handle(socket):
            async for message in socket:
                await socket.send(message)

        options = Websockets.factory("Server", options)
        await serve(handle, "127.0.0.1", port, max_size=MOST, **options)

    @staticmethod
    async def talk(url, options, messages):
        from websockets.asyncio.client import connect

        async with connect(url, **Websockets.factory("Client", options)) as socket:
            for message in messages:
                await socket.send(message)
                check(await socket.recv(), message)

    @staticmethod
    def factory(side, options):
        from websockets.extensions import permessage_deflate

        if not options:
            return {}
        make = getattr(permessage_deflate, f"{side}PerMessageDeflateFactory")
        return {"compression": None, "extensions": [make(**options)]}


class Picows:
    """Its `websockets`, of the same interface."""

    @staticmethod
    async def serve(port, _):
        from picows.websockets.asyncio.server import serve

        async def handle(socket):
            async for message in socket:
                await socket.send(message)

        await serve(handle, "127.0.0.1", port, max_size=MOST)

    @staticmethod
    async def talk(url, _, messages):
        from picows.websockets.asyncio.client import connect

        async with connect(url) as socket:
            for message in messages:
                await socket.send(message)
                check(await socket.recv(), message)


class Tornado:
    @staticmethod
    async def serve(port, options):
        from tornado import web, websocket

        class Echo(websocket.WebSocketHandler):
            def check_origin(self, _):
                return True

            def get_compression_options(self):
                return options

            def on_message(self, message):
                self.write_message(message, isinstance(message, bytes))

        application = web.Application([("/.*", Echo)], websocket_max_message_size=MOST)
        application.listen(port, "127.0.0.1")

    @staticmethod
    async def talk(url, options, messages):
        from tornado.websocket import websocket_connect

        socket = await websocket_connect(url, compression_options=options)
        for message in messages:
            await socket.write_message(message)
            check(await socket.read_message(), message)
        socket.close(1000)
        check(await socket.read_message(), None)


class Autobahn:
    @staticmethod
    async def serve(port, _):
        from autobahn.asyncio import websocket
        from autobahn.websocket import compress

        class Echo(websocket.WebSocketServerProtocol):
            def onMessage(self, payload, is_binary):
                self.sendMessage(payload, is_binary)

        def accept(offers):
            kind = compress.PerMessageDeflateOffer
            offer = next((offer for offer in offers if isinstance(offer, kind)), None)
            return offer and compress.PerMessageDeflateOfferAccept(offer)

        factory = websocket.WebSocketServerFactory()
        factory.protocol = Echo
        factory.setProtocolOptions(perMessageCompressionAccept=accept)
        await asyncio.get_running_loop().create_server(factory, "127.0.0.1", port)

    @staticmethod
    async def talk(url, _, messages):
        from autobahn.asyncio import websocket
        from autobahn.websocket import compress

        ended = asyncio.get_running_loop().create_future()

        class Client(websocket.WebSocketClientProtocol):
            left = list(messages)

            def onOpen(self):
                self.sendMessage(self.left[0].encode())

            def onMessage(self, payload, _):
                if payload.decode() != self.left.pop(0):
                    ended.set_result("another message came back")
                elif self.left:
                    self.sendMessage(self.left[0].encode())
                else:
                    self.sendClose(1000)

            def onClose(self, _, code, reason):
                if not ended.done():
                    ended.set_result(None if code == 1000 and not self.left else str(reason))

        def accept(response):
            if isinstance(response, compress.PerMessageDeflateResponse):
                return compress.PerMessageDeflateResponseAccept(response)

        factory = websocket.WebSocketClientFactory(url)
        factory.protocol = Client
        offers = [compress.PerMessageDeflateOffer()]
        factory.setProtocolOptions(
            perMessageCompressionOffers=offers, perMessageCompressionAccept=accept
        )
        loop = asyncio.get_running_loop()
        await loop.create_connection(factory, factory.host, factory.port)
        check(await ended, None)


class Wsproto:
    @staticmethod
    async def serve(port, options):
        from wsproto import ConnectionType, WSConnection, events
        from wsproto.connection import ConnectionState
        from wsproto.extensions import PerMessageDeflate
        from wsproto.utilities import LocalProtocolError, RemoteProtocolError

        def answer(connection, event):
            """What is sent back; events have to be answered one by one, as they come."""
            if isinstance(event, events.Request):
                extensions = [PerMessageDeflate(**options)]
                return connection.send(events.AcceptConnection(extensions=extensions))
            if isinstance(event, (events.TextMessage, events.BytesMessage)):
                echo = type(event)(event.data, message_finished=event.message_finished)
                return connection.send(echo)
            if isinstance(event, (events.Ping, events.CloseConnection)):
                return connection.send(event.response())
            return b""

        async def handle(reader, writer):
            connection, is_over = WSConnection(ConnectionType.SERVER), False
            while not is_over and (data := await reader.read(65536)):
                try:
                    connection.receive_data(data)
                    for event in connection.events():
                        writer.write(answer(connection, event))
                        is_over |= isinstance(event, events.CloseConnection)
                except RemoteProtocolError:
                    is_over = True
                    if connection.state is ConnectionState.CONNECTING:
                        refusal = events.RejectConnection(status_code=400)
                        with contextlib.suppress(LocalProtocolError):
                            writer.write(connection.send(refusal))
                except LocalProtocolError:
                    is_over = True  # what comes behind a Close cannot be answered
                await writer.drain()
            writer.close()

        await asyncio.start_server(handle, "127.0.0.1", port)

    @staticmethod
    async def talk(url, options, messages):
        from wsproto import ConnectionType, WSConnection, events
        from wsproto.extensions import PerMessageDeflate

        host, port = url.removeprefix("ws://").rstrip("/").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        connection = WSConnection(ConnectionType.CLIENT)
        request = events.Request(host=host, target="/", extensions=[PerMessageDeflate(**options)])
        writer.write(connection.send(request))
        left, heard, is_closed = list(messages), "", False
        while not is_closed:
            data = await reader.read(65536)
            connection.receive_data(data or None)
            for event in connection.events():
                if isinstance(event, events.TextMessage):
                    heard += event.data
                    if not event.message_finished:
                        continue
                    check(heard, left.pop(0))
                    heard = ""
                elif isinstance(event, events.RejectConnection):
                    sys.exit(f"failed: {event.status_code}")
                is_closed |= isinstance(event, events.CloseConnection)
                if isinstance(event, (events.AcceptConnection, events.TextMessage)):
                    next_event = events.TextMessage(left[0]) if left else events.CloseConnection(1000)
                    writer.write(connection.send(next_event))
        check(left, [])
        writer.close()


LIBRARIES = {
    "aiohttp": AioHttp,
    "websockets": Websockets,
    "picows": Picows,
    "tornado": Tornado,
    "autobahn": Autobahn,
    "wsproto": Wsproto,
}


def check(heard, expected):
    if heard != expected:
        sys.exit(f"failed: {str(heard)[:200]!r} came back")


async def main():
    library, role, where, options, *rest = sys.argv[1:]
    peer, options = LIBRARIES[library], json.loads(options) or {}
    if role == "client":
        messages = json.loads(Path(rest[0]).read_text())
        await asyncio.wait_for(peer.talk(where, options, messages), PATIENCE)
        return print("ok")
    await peer.serve(int(where), options)
    print("listening", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
