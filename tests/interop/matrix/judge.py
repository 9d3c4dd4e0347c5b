"""Whether a cell went as it must: what both ends saw, compared with what they had to see."""

import hashlib
from collections import Counter
from functools import cache
from pathlib import Path


class Wrong(Exception):
    """What is not as it must be."""


@cache
def digest(path):
    return hashlib.sha256(Path(path).read_bytes() if path else b"").hexdigest()


def expect(what, seen, expected):
    if seen != expected:
        raise Wrong(f"{what} is {short(seen)} and not {short(expected)}")


def short(value, most=160):
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}.. ({len(text)} characters)"


def judge(cell, client, server, peer, role):
    """Raises Wrong, or returns what there is to note of a cell that went well.

    `client` and `server` are what the two ends saw; the peer has one of them, in this role.
    """
    events = [tuple(event) for event in client["events"]]
    is_peer = role == "client"
    if not is_peer:
        last = short(events[-1:])
        expect(f"the exit code, after {last},", client["exit"], 3 if cell.refused else 0)
    if cell.refused:
        seen = ("refused", cell.refused)
        expect("the client's answer", events, [peer.failure or seen if is_peer else seen])
        expect("the server's answer", server.get("refused"), cell.refused)
        if client.get("clean") is not None:
            expect("wasClean", client["clean"], False)
        return None
    if cell.unselected and is_peer and peer.needs_subprotocol:
        failed = [event[:2] if peer.failure else event[:1] for event in events]
        expect("what the client does", failed, [peer.failure or ("failed",)])
        return "like browsers, it continues only with a subprotocol, and fails"
    if not events or events[0][0] != "open":
        raise Wrong(f"the client saw {short(events)}")
    expect("the subprotocol", events[0][1] or None, cell.selected)
    extension = "permessage-deflate" if cell.deflate else ""
    expect("the extension", events[0][2].split(";")[0], extension)
    judge_messages(cell, client, events, peer.hides if is_peer else ())
    ours = server if is_peer else client
    return judge_close(cell, events, server, role) or judge_wire(cell, ours, peer, role)


def judge_messages(cell, client, events, hides):
    if events[-1][0] != "close":
        raise Wrong(f"the client saw {short(events[-2:])} at the end")
    seen = Counter(events[1:-1])
    expected = Counter(tuple(event) for event in cell.events if event[0] not in hides)
    if missing := expected - seen:
        raise Wrong(f"the client did not see {short(list(missing.elements()))}")
    if extra := seen - expected:
        raise Wrong(f"the client saw {short(list(extra.elements()))}")
    expect("the digest of binary messages", client["sha256"], digest(cell.octets))
    if "clean" in client:
        expect("wasClean", client["clean"], True)


def judge_close(cell, events, server, role):
    """The end that did not begin sees code and reason; the other sees a code in answer.

    Ours answers with the code that it was sent, as is typical (RFC 6455 section 5.5.1).
    """
    code, reason = cell.close
    at_client, at_server = list(events[-1][1:]), server.get("close") or [None, ""]
    begun, answered = (at_server, at_client) if cell.closer == "client" else (at_client, at_server)
    expect("the close at the end that did not begin", begun, [code, reason])
    if "closer" in server:
        expect("who closed", server["closer"], cell.closer)
    if cell.closer != role and answered[0] == 1000 != code:
        return "it answers a Close with 1000, whatever its code"
    expect("the code in answer", answered[0], code)
    return None


def judge_wire(cell, ours, peer, role):
    up, down = ours["wire"]
    if cell.wire(up, down):
        return None
    if cell.deflate and role == "client" and not peer.compresses and cell.wire(0, down):
        return "only what we send is compressed"
    raise Wrong(f"{up} octets up and {down} down are not as they must be")
