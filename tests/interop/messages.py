"""Writes the messages of a session to a file, as JSON that a peer in any language can read.

Each is an object with its payload as "text", or as "binary" in base64. A payload that is to be
sent otherwise than in one compressed frame has "sent": "fragments", with a ping between them, or
"plain". Two messages of the same 100 random octets, one after the other, show who takes the
context over: the second shrinks then, and only then.
"""

import base64
import json
import math
import random
import struct
import sys
from itertools import chain, zip_longest

RANDOM = random.Random(7692)
WORDS = "the a of and to speech was heard by nobody until it had been written down again".split()


def transcript(size):
    """JSON like a recognizer's, of at least so many octets."""
    words = []
    length = 0
    while length < size:
        start = round(RANDOM.uniform(0, 60), 2)
        words.append({"word": RANDOM.choice(WORDS), "start": start, "confidence": RANDOM.random()})
        length += len(json.dumps(words[-1])) + 2
    return {"text": json.dumps({"type": "Results", "is_final": True, "words": words})}


def audio(samples):
    """16-bit PCM: a tone and some noise."""
    wave = (8000 * math.sin(index / 9) + RANDOM.gauss(0, 50) for index in range(samples))
    return binary(struct.pack(f"<{samples}h", *map(int, wave)))


def noise(size):
    return binary(RANDOM.randbytes(size))


def binary(octets, **how):
    return {"binary": base64.b64encode(octets).decode(), **how}


def messages():
    streams = [
        [transcript(round(100 * 1.33**step)) for step in range(20)],
        [audio(samples) for samples in (80, 160, 320, 480, 800, 1600, 4800, 16000)],
        [noise(size) for size in (1, 63, 64, 125, 126, 1000, 65535, 65536)],
    ]
    twin = noise(100)
    special = [
        {"text": '{"type":"KeepAlive"}'},
        {"text": ""},
        binary(b""),
        {"text": "Grüße, 東京, Ελλάδα, 🎙️ " * 40},
        {"text": "naïve 音声 🎧 " * 500, "sent": "fragments"},
        transcript(3000) | {"sent": "plain"},
        transcript(3000),
        twin,
        twin,
        binary(RANDOM.randbytes(5000) * 3, sent="fragments"),
        binary(RANDOM.randbytes(300), sent="plain"),
        {"text": transcript(1 << 20)["text"][: 1 << 20]},
    ]
    mixed = [message for message in chain(*zip_longest(*streams)) if message]
    return mixed[:18] + special + mixed[18:]


with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(messages(), file)
