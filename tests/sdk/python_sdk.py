"""Deepgram's Python SDK as the client of `voice --serve`; see `run` for its arguments.

python_sdk.py sync|async listen|speak|idle|refused|unsuitable key|token URL CREDENTIAL WAV

Prints what came of it, or what went wrong, as its last line. The events that the SDK handed over
are checked here as values of its own types, which it does not check itself: it makes an unchecked
one of what does not parse.
"""

import asyncio
import hashlib
import inspect
import json
import sys
import threading
import time
import wave

from deepgram import AsyncDeepgramClient, DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from deepgram.listen.v1.types import (
    ListenV1Configure,
    ListenV1ConfigureFailure,
    ListenV1Error,
    ListenV1KeepAlive,
    ListenV1Metadata,
    ListenV1Results,
    ListenV1SpeechStarted,
    ListenV1UtteranceEnd,
)
from deepgram.speak.v1.types import (
    SpeakV1Flush,
    SpeakV1Flushed,
    SpeakV1Metadata,
    SpeakV1Text,
    SpeakV1Warning,
)
from websockets.exceptions import InvalidStatus

from script import IDLE, LISTEN, SPEAK, Wrong, check, check_listen, check_speak, chunks, near

PATIENCE = 10  # seconds, for each thing that is waited for


class Blocking:
    """The SDK's blocking client, used as if it could be awaited; it listens in a thread."""

    client = DeepgramClient

    def __init__(self, connection):
        self.connection = connection

    async def __aenter__(self):
        self.socket = self.connection.__enter__()
        return self

    async def __aexit__(self, *how):
        return self.connection.__exit__(*how)

    def listen(self):
        self.thread = threading.Thread(target=self.socket.start_listening, daemon=True)
        self.thread.start()

    async def ended(self):
        await asyncio.to_thread(self.thread.join, PATIENCE)
        check(not self.thread.is_alive(), "the socket was not closed")


class Awaited:
    """The SDK's client for asyncio."""

    client = AsyncDeepgramClient

    def __init__(self, connection):
        self.connection = connection

    async def __aenter__(self):
        self.socket = await self.connection.__aenter__()
        return self

    async def __aexit__(self, *how):
        return await self.connection.__aexit__(*how)

    def listen(self):
        self.task = asyncio.create_task(self.socket.start_listening())

    async def ended(self):
        await asyncio.wait_for(self.task, PATIENCE)


class Heard:
    """What the SDK's events brought."""

    def __init__(self, end):
        self.end, self.events, self.audio = end, [], []
        socket = end.socket
        socket.on(EventType.OPEN, lambda _: self.events.append({"type": "(open)"}))
        socket.on(EventType.MESSAGE, self.message)
        socket.on(EventType.ERROR, lambda error: self.events.append({"type": f"(error) {error!r}"}))
        socket.on(EventType.CLOSE, lambda _: self.events.append({"type": "(close)"}))
        end.listen()

    def message(self, message):
        if isinstance(message, bytes):
            self.audio.append(message)
        else:
            self.events.append(as_its_type(message))

    async def send(self, what, *message):
        sent = getattr(self.end.socket, f"send_{what}")(*message)
        if inspect.isawaitable(sent):
            await sent

    async def wait(self, is_it):
        deadline = time.monotonic() + PATIENCE
        while not any(is_it(event) for event in self.events):
            names = [event["type"] for event in self.events]
            check(not any(name.startswith("(error)") for name in names), f"{names[-2:]}")
            check(time.monotonic() < deadline, f"no answer; last: {self.events[-1:]}")
            await asyncio.sleep(0.005)

    def close_code(self):
        protocol = self.end.socket._websocket
        return getattr(protocol, "close_code", None) or protocol.protocol.close_code


# What a message of a type must have become. Of Flushed and Cleared the SDK tries the same first.
TYPES = {
    "listen": [
        ListenV1Results,
        ListenV1Metadata,
        ListenV1SpeechStarted,
        ListenV1UtteranceEnd,
        ListenV1Error,
        ListenV1ConfigureFailure,
    ],
    "speak": [SpeakV1Metadata, SpeakV1Flushed, SpeakV1Warning],
}


def as_its_type(message):
    kind = type(message)
    check(kind in TYPES[kind.__module__.split(".")[1]], f"{kind} for {message}")
    fields = json.loads(message.json())
    name = kind.__name__.partition("V1")[2]
    check(fields["type"] in (name, "Cleared"), f"{fields['type']} became {kind}")
    kind.model_validate(fields, strict=True)
    return fields


async def listen(connect, pcm):
    async with connect("listen", **LISTEN) as end:
        heard = Heard(end)
        await heard.send("keep_alive")
        await heard.send("keep_alive", ListenV1KeepAlive(type="Nonsense"))
        await heard.send("configure", ListenV1Configure(keyterms=["patch"]))
        for chunk, is_turn in chunks(pcm):
            await heard.send("media", chunk)
            await asyncio.sleep(0.002)
            if is_turn:
                await heard.send("finalize")
                await heard.wait(lambda event: event.get("from_finalize"))
                await heard.send("keep_alive")
        await heard.send("close_stream")
        await end.ended()
        check_listen(heard.events, pcm, heard.close_code())
        check("ConfigureFailure" in [event["type"] for event in heard.events], "no failure")
    return described(heard)


async def speak(connect, _):
    async with connect("speak", **SPEAK["query"]) as end:
        heard = Heard(end)
        await heard.wait(lambda event: event["type"] == "Metadata")
        for text in SPEAK["texts"]:
            await heard.send("text", SpeakV1Text(text=text))
        await heard.send("flush")
        await heard.wait(lambda event: event["type"] == "Flushed")
        spoken = b"".join(heard.audio)
        await heard.send("text", SpeakV1Text(text=SPEAK["cleared"]))
        await heard.send("flush")
        await heard.send("clear")
        await heard.wait(lambda event: event["type"] == "Cleared")
        await heard.send("flush", SpeakV1Flush(type="Nonsense"))
        await heard.wait(lambda event: event["type"] == "Warning")
        await heard.send("text", SpeakV1Text(text=SPEAK["last"]))
        await heard.send("close")
        await end.ended()
        every = b"".join(heard.audio)
        digest = hashlib.sha256(spoken).hexdigest()
        check_speak(heard.events, len(spoken), digest, len(every), heard.close_code())
    return described(heard)


async def idle(connect, _):
    async with connect("listen", **LISTEN) as end:
        heard = Heard(end)
        begin = time.monotonic()
        await asyncio.sleep(IDLE["keep_alive"])
        await heard.send("keep_alive")
        await asyncio.sleep(IDLE["open"] - IDLE["keep_alive"])
        check("(close)" not in [event["type"] for event in heard.events], "closed all the same")
        await end.ended()
        took = time.monotonic() - begin
        check(near(took, IDLE["closed"], 2), f"closed after {took:.1f} s")
        check(heard.close_code() == 1011, f"closed with {heard.close_code()}")
    return f"1011 after {took:.1f} s"


def described(heard):
    octets = sum(map(len, heard.audio))
    return f"{len(heard.events)} events" + (f", {octets} octets of audio" if octets else "")


async def denied(connect, status, requests):
    """What the SDK raises when the connection is refused, which names the status."""
    raised = set()
    for service, query in requests:
        try:
            async with connect(service, **query):
                raise Wrong("the connection was opened")
        except ApiError as error:
            check(error.status_code == status, f"{error.status_code}, not {status}")
            raised.add("ApiError")
        except InvalidStatus as error:
            # The SDK translates what websockets' older client raises, not what its newer does.
            check(error.response.status_code == status, f"{error}, not {status}")
            raised.add("websockets.InvalidStatus")
    return f"{status} as {', '.join(raised)}"


async def refused(connect, _):
    return await denied(connect, 401, [("listen", LISTEN), ("speak", SPEAK["query"])])


async def unsuitable(connect, _):
    opus, slow = {**LISTEN, "encoding": "opus"}, {**SPEAK["query"], "sample_rate": 1}
    return await denied(connect, 400, [("listen", opus), ("speak", slow)])


SESSIONS = {
    "listen": listen,
    "speak": speak,
    "idle": idle,
    "refused": refused,
    "unsuitable": unsuitable,
}


class Connect:
    def __init__(self, style, url, credential):
        urls = DeepgramClientEnvironment(base=url, production=url, agent=url, agent_rest=url)
        self.style = style
        self.client = style.client(environment=urls, **credential)

    def __call__(self, service, **query):
        return self.style(getattr(self.client, service).v1.connect(**query))


def main(style, session, kind, url, credential, wav):
    with wave.open(wav) as file:
        pcm = file.readframes(file.getnframes())
    style = {"sync": Blocking, "async": Awaited}[style]
    credential = {{"key": "api_key", "token": "access_token"}[kind]: credential}
    print(asyncio.run(SESSIONS[session](Connect(style, url, credential), pcm)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Wrong as wrong:
        sys.exit(str(wrong))
