"""The cells of the table: what a client and a server say to each other, and what must come of it.

A cell is the same for each peer in each role: the client is the peer's and the server is ours, or
the other way round. A server does what the texts tell it that begin with /close, /ping or
/fragments, and echoes all else. Its path begins with the kind of server that a cell wants:
"plain", "deflate", "chat" (which has two subprotocols), "pair" and "prefix" (which want a key), or
"origin" (which lets one page in).
"""

import json
import random
import wave
from dataclasses import dataclass, field
from pathlib import Path

KEY = "dGVzdC1rZXk"
PREFIX = "openai-insecure-api-key."
ORIGIN = "https://page.example"
CHAT = ["chat.v2", "chat.v1"]
KINDS = ["plain", "deflate", "chat", "pair", "prefix", "origin"]

AUDIO_FRAME = 640  # octets: 20 ms of PCM at 16 kHz
RECORDING = Path(__file__).resolve().parents[3] / "examples/speech.wav"
LARGE = 16 << 20  # octets, the most that the examples take

SPEECH = "Grüße, 東京, Ελλάδα 🎙️"
REASON = "c'est ça 👋"


@dataclass
class Cell:
    name: str
    kind: str
    actions: list
    # What the client sees after the connection was opened, in any order, but for the Close.
    events: list = field(default_factory=list)
    subprotocols: list = field(default_factory=list)
    selected: str | None = None
    origin: str | None = None
    deflate: bool = False
    refused: int | None = None
    # Who closes, and what the other then sees.
    closer: str = "client"
    close: tuple = (1000, "")
    # The binary messages that come, as a file.
    octets: str | None = None
    # What (octets up, octets down) must be true of the frames.
    wire: object = lambda up, down: True
    # Whether a client may refuse to go on since no subprotocol was selected.
    unselected: bool = False


def cells(audio, large):
    """All cells, by name; the arguments are files, filled here."""
    with wave.open(str(RECORDING)) as recording:
        frames = recording.getnframes() * recording.getsampwidth() // AUDIO_FRAME
        pcm = recording.readframes(recording.getnframes())
    audio.write_bytes(pcm[: frames * AUDIO_FRAME])
    large.write_bytes(random.Random(6455).randbytes(LARGE))
    size = len(SPEECH.encode())
    transcript = json.dumps([{"word": "speech", "at": at / 7} for at in range(300)])
    half = len(transcript) // 2

    def until(messages, *actions):
        return [*actions, ["await", messages], ["close", 1000, ""]]

    def echoed(*texts, **more):
        said = [["text", text, 1] for text in texts]
        events = [["text", text] for text in texts]
        return {"actions": until(len(texts), *said), "events": events, **more}

    def closed(code, by):
        order = ["text", f"/close {code} {REASON}", 1]
        actions = [["close", code, REASON] if by == "client" else order]
        return Cell(f"close {code} {by}", "plain", actions, closer=by, close=(code, REASON))

    key, wrong = KEY, "d3Jvbmcta2V5"
    all_cells = [
        Cell("text", "plain", **echoed("hello", "", SPEECH)),
        Cell(
            "audio",
            "plain",
            until(frames, ["binary", str(audio), AUDIO_FRAME, 1]),
            [["binary", AUDIO_FRAME]] * frames,
            octets=str(audio),
        ),
        # Three frames take more octets than one: the headers, with keys if they are a client's.
        Cell(
            "fragments client",
            "plain",
            until(1, ["text", SPEECH, 3]),
            [["text", SPEECH]],
            wire=lambda up, down: up >= size + 3 * 6 + 8,
        ),
        Cell(
            "fragments server",
            "plain",
            until(1, ["text", f"/fragments 3 {SPEECH}", 1]),
            [["text", SPEECH]],
            wire=lambda up, down: down >= size + 3 * 2 + 4,
        ),
        Cell(
            "ping client",
            "plain",
            until(1, ["ping", "hi, " + SPEECH], ["text", "after", 1]),
            [["pong", "hi, " + SPEECH], ["text", "after"]],
        ),
        Cell(
            "ping server",
            "plain",
            until(1, ["text", f"/ping hi, {SPEECH}", 1]),
            [["ping", "hi, " + SPEECH], ["text", f"/pong hi, {SPEECH}"]],
        ),
        *(closed(code, by) for code in (3000, 4000) for by in ("client", "server")),
        Cell(
            "large",
            "plain",
            until(1, ["binary", str(large), LARGE, 1]),
            [["binary", LARGE]],
            octets=str(large),
        ),
        Cell("chosen", "chat", subprotocols=CHAT[::-1], selected=CHAT[0], **echoed("a")),
        Cell("no overlap", "chat", subprotocols=["other.v1"], unselected=True, **echoed("a")),
        Cell("none offered", "chat", **echoed("a")),
        Cell("pair", "pair", subprotocols=["token", key], selected="token", **echoed("a")),
        Cell(
            "prefix",
            "prefix",
            subprotocols=["realtime", PREFIX + key],
            selected="realtime",
            **echoed("a"),
        ),
        Cell("401", "pair", [], subprotocols=["token", wrong], refused=401),
        Cell("403", "origin", [], origin="https://evil.example", refused=403),
        Cell(
            "deflate",
            "deflate",
            deflate=True,
            wire=lambda up, down: up < half and down < half,
            **echoed(transcript),
        ),
    ]
    return {cell.name: cell for cell in all_cells}


# The columns: a name, the same in two short words, and which cell that is when the peer is the
# client, and when it is the server.
COLUMNS = [
    ("text", "text", "text", "text"),
    ("audio", "audio", "audio", "audio"),
    ("fragments by peer", "frag. peer", "fragments client", "fragments server"),
    ("fragments by us", "frag. us", "fragments server", "fragments client"),
    ("ping by peer", "ping peer", "ping client", "ping server"),
    ("ping by us", "ping us", "ping server", "ping client"),
    ("close by peer", "close peer", "close 3000 client", "close 3000 server"),
    ("close by us", "close us", "close 4000 server", "close 4000 client"),
    ("16 MiB", "16 MiB", "large", "large"),
    ("chosen", "pick one", "chosen", "chosen"),
    ("no overlap", "pick none", "no overlap", "no overlap"),
    ("none offered", "none off.", "none offered", "none offered"),
    ("key in a pair", "key pair", "pair", "pair"),
    ("key with prefix", "key pref.", "prefix", "prefix"),
    ("401", "401", "401", "401"),
    ("403", "403", "403", "403"),
    ("deflate", "defl.", "deflate", "deflate"),
]
