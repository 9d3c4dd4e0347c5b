"""libcurl, as `curl_cffi` brings it, as a client; see shared.py."""

import asyncio
from io import BytesIO

from curl_cffi import Curl, CurlECode, CurlError, CurlInfo, CurlOpt, CurlWsFlag

import shared

SOON = 0.002  # seconds, between two looks at the socket
WEBSOCKET = 2  # what CONNECT_ONLY is set to, to be handed the frames
NO_AUTO_PONG = 2  # in WS_OPTIONS: libcurl's own pongs wait until something else is sent


class Line:
    def __init__(self, curl):
        self.curl = curl

    async def say(self, octets, flags):
        while True:
            try:
                sent = self.curl.ws_send(octets, flags)
            except CurlError as error:
                if error.code != CurlECode.AGAIN:
                    raise
                await asyncio.sleep(SOON)
                continue
            octets = octets[sent:]
            if not octets:
                return

    async def send(self, data):
        if isinstance(data, str):
            await self.say(data.encode(), CurlWsFlag.TEXT)
        else:
            await self.say(data, CurlWsFlag.BINARY)

    async def fragments(self, parts, is_text):
        kind = CurlWsFlag.TEXT if is_text else CurlWsFlag.BINARY
        for part in parts[:-1]:
            await self.say(part, kind | CurlWsFlag.CONT)
        await self.say(parts[-1], kind)

    async def ping(self, text):
        await self.say(text.encode(), CurlWsFlag.PING)

    async def close(self, code, reason):
        await self.say(code.to_bytes(2, "big") + reason.encode(), CurlWsFlag.CLOSE)

    async def frame(self):
        """A whole frame: what it is, and its payload."""
        octets = bytearray()
        while True:
            try:
                chunk, frame = self.curl.ws_recv()
            except CurlError as error:
                if error.code != CurlECode.AGAIN:
                    raise
                await asyncio.sleep(SOON)
                continue
            octets += chunk
            if frame.bytesleft == 0:
                return frame.flags, bytes(octets)


def opened(spec, fields):
    curl = Curl()
    curl.setopt(CurlOpt.URL, spec["url"].encode())
    curl.setopt(CurlOpt.CONNECT_ONLY, WEBSOCKET)
    curl.setopt(CurlOpt.WS_OPTIONS, NO_AUTO_PONG)
    curl.setopt(CurlOpt.HEADERDATA, fields)
    headers = []
    if spec["subprotocols"]:
        headers.append(b"Sec-WebSocket-Protocol: " + ", ".join(spec["subprotocols"]).encode())
    if spec["origin"]:
        headers.append(b"Origin: " + spec["origin"].encode())
    if headers:
        curl.setopt(CurlOpt.HTTPHEADER, headers)
    try:
        curl.perform()
    except CurlError as error:
        status = curl.getinfo(CurlInfo.RESPONSE_CODE)
        raise shared.Refused(status) if status >= 300 else error
    return curl


async def session(spec, heard):
    if spec["deflate"]:
        raise shared.Cannot("it has no extensions")
    fields = BytesIO()
    curl = opened(spec, fields)
    lines = (line.partition(": ") for line in fields.getvalue().decode().splitlines())
    heard.note("open", {name: value for name, _, value in lines}.get("Sec-WebSocket-Protocol"), "")
    line = Line(curl)
    performing = asyncio.create_task(shared.perform(spec["actions"], heard, line))
    message = b""
    while True:
        flags, octets = await line.frame()
        if flags & CurlWsFlag.CLOSE:
            code = int.from_bytes(octets[:2], "big") if octets else None
            heard.note("close", code, octets[2:].decode())
            break
        if flags & CurlWsFlag.PONG:
            heard.note("pong", octets.decode())
        elif flags & CurlWsFlag.PING:
            heard.note("ping", octets.decode())
            await line.say(octets, CurlWsFlag.PONG)
        else:
            message += octets
            if not flags & CurlWsFlag.CONT:
                heard.message(message.decode() if flags & CurlWsFlag.TEXT else message)
                message = b""
    if not performing.done() or spec["actions"][-1][0] != "close":
        await line.close(code, "")  # libcurl leaves the answer to its caller
    await performing
    curl.close()


shared.main(session, None)
