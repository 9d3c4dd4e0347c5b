"""Python's libraries as clients that echo, by the contract of conformance's `client`:

    client.py websockets|aiohttp URL
"""

import asyncio
import sys

MOST = 64 << 20


async def with_websockets(url):
    from websockets.asyncio.client import connect

    first = None
    async with connect(url, max_size=MOST, open_timeout=20, close_timeout=20) as socket:
        async for message in socket:
            first = message if first is None else first
            await socket.send(message)
    return first


async def with_aiohttp(url):
    from aiohttp import ClientSession, WSMsgType

    first = None
    async with ClientSession() as http, http.ws_connect(url, max_msg_size=MOST, compress=15) as socket:
        async for message in socket:
            first = message.data if first is None else first
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
    return first


async def main():
    library, url = sys.argv[1:]
    echo = {"websockets": with_websockets, "aiohttp": with_aiohttp}[library]

    async def case(path):
        try:
            return await asyncio.wait_for(echo(f"{url}/{path}"), 60)
        except Exception as error:  # however it ends, the suite judges it
            print(path, type(error).__name__, error)

    for number in range(1, int(await case("getCaseCount")) + 1):
        await case(f"runCase?case={number}&agent={library}")
    await case(f"updateReports?agent={library}")


asyncio.run(main())
