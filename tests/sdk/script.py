"""What every session says and expects; `javascript/script.mjs` is the same for the JavaScript SDKs."""

import hashlib
from datetime import datetime

LISTEN = {
    "model": "nova-3",
    "encoding": "linear16",
    "sample_rate": 16000,
    "channels": 1,
    "interim_results": True,
    "vad_events": True,
    "endpointing": 300,
    "utterance_end_ms": 1000,
}
RATE = 16_000
SILENCE = bytes(2 * RATE * 12 // 10)  # after the speech, so that the utterance ends
CHUNKS = [20, 40, 60, 80, 100]  # milliseconds, in turn
TURN = 2.94  # seconds, after which Finalize is sent: within a sound, and within a window

SPEAK = {
    "query": {"model": "aura-2-thalia-en", "encoding": "linear16", "sample_rate": 48000},
    "texts": ["Hello, ", "world."],
    "cleared": "never to be heard " * 110,  # of 2000 characters that may wait
    "last": "ok",
}

# Seconds: when the one KeepAlive is sent, when that alone has kept the connection open, and when
# ten seconds have passed since.
IDLE = {"keep_alive": 4, "open": 11, "closed": 14}

TONE = 48_000 * 60 // 1000 * 2  # octets that the example makes of a character


class Wrong(Exception):
    """What is not as it must be."""


def check(is_right, what):
    if not is_right:
        raise Wrong(what)


def chunks(pcm):
    """The audio in pieces, each with whether Finalize is to be sent after it."""
    audio, at, turn = pcm + SILENCE, 0, int(TURN * RATE) * 2
    while at < len(audio):
        for milliseconds in CHUNKS:
            end = at + 2 * RATE * milliseconds // 1000
            end = turn if at < turn < end else end
            if at < len(audio):
                yield audio[at:end], end == turn
            at = end


def near(a, b, by=0.0021):
    return abs(a - b) <= by


def of_type(events, name):
    return [event for event in events if event["type"] == name]


def check_results(results, length):
    """Final results follow each other without a gap, from the begin to the end of the audio."""
    at = 0
    for result in results:
        check(near(result["start"], at), f"a result starts at {result['start']}, not {at}")
        [alternative] = result["channel"]["alternatives"]
        words = alternative["words"]
        text = " ".join(word["word"] for word in words)
        check(alternative["transcript"] == text, f"{alternative} of {words}")
        end = result["start"] + result["duration"]
        for word in words:
            inside = result["start"] - 0.0021 <= word["start"] < word["end"] <= end + 0.0021
            check(inside, f"{word} outside of {result['start']} to {end}")
        if result["is_final"]:
            at = end
    check(near(at, length), f"results up to {at} s, of {length} s")


def check_listen(events, pcm, code):
    names = [event["type"] for event in events]
    check(names[0] == "(open)" and names[-1] == "(close)", f"{names[:1]} to {names[-1:]}")
    check(names[-2] == "Metadata", f"{names[-2]} came last")
    check(code == 1000, f"closed with {code}")
    results, [metadata] = of_type(events, "Results"), of_type(events, "Metadata")
    length = len(pcm + SILENCE) / 2 / RATE
    check_results(results, length)
    check(sum(not result["is_final"] for result in results) > 40, "too few interim results")
    check(any(result["speech_final"] for result in results), "no result was speech_final")
    [finalized] = [result for result in results if result["from_finalize"]]
    check(near(finalized["start"] + finalized["duration"], TURN), f"finalized: {finalized}")
    check(any(result["channel"]["alternatives"][0]["words"] for result in results), "no words")
    begins = [event["timestamp"] for event in of_type(events, "SpeechStarted")]
    check(begins[0] == 0 and near(begins[-1], 3.4, 0.2), f"speech started at {begins}")
    [utterance] = of_type(events, "UtteranceEnd")
    check(near(utterance["last_word_end"], 5.3, 0.2), f"{utterance}")
    [error] = of_type(events, "Error")
    check(error["variant"] == "SchemaError" and "Nonsense" in error["message"], f"{error}")
    digest = hashlib.sha256(pcm + SILENCE).hexdigest()
    check(metadata["sha256"] == digest, f"{metadata} for {digest}")
    check(near(metadata["duration"], length) and metadata["channels"] == 1, f"{metadata}")
    datetime.fromisoformat(metadata["created"])
    requests = {result["metadata"]["request_id"] for result in results}
    check(requests == {metadata["request_id"]}, f"{requests} and {metadata}")


def check_speak(events, spoken, digest, every, code):
    names = [event["type"] for event in events]
    expected = ["(open)", "Metadata", "Flushed", "Cleared", "Warning", "(close)"]
    check(names == expected, f"{names}")
    check(code == 1000, f"closed with {code}")
    length = sum(len(text) for text in SPEAK["texts"]) * TONE
    check(spoken == length, f"{spoken} octets of audio, not {length}")
    flushed, cleared = of_type(events, "Flushed")[0], of_type(events, "Cleared")[0]
    check(flushed["sequence_id"] == 0 < cleared["sequence_id"], f"{flushed}, {cleared}")
    check(flushed["sha256"] == digest, f"{flushed} for {digest}")
    whole = length + (len(SPEAK["cleared"]) + len(SPEAK["last"])) * TONE
    last = length + len(SPEAK["last"]) * TONE
    check(last <= every < whole, f"{every} octets of audio, not {last} to {whole}")
