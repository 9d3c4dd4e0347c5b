"""What a session came to, and the table of all of them."""

import datetime
import json
import platform
import re
from dataclasses import dataclass

import peers

BEGIN = """## Compression out of the box

Written by `tests/interop/run --all --write` on {date}, {system}: {passed} sessions in which four
messages of JSON and their echoes were compressed, {known} that a peer's fault or limits stopped,
{failed} that failed. Our ends are `echo_server --deflate` and `client --deflate`, which have the
default `Policy`; peers have the setting given beside them. CI runs the rows of peers from npm and PyPI, and
Chromium; those from Debian, and Bun, are run by hand.

A separate relay reads the wire: "offer" and "answer" omit the name of the
extension, and "RSV1" says whose messages had that bit. The last three columns are the same sessions
with other policies at our end: "bare" is `OwnWindow::Unsaid`, for clients; "small" is `Policy::SMALL`,
which asks the peer for a window of 2 KiB; and "announced" also tells it the size of ours
(`OwnWindow::Announced`). `ok` is opened, echoed and compressed by both, except for what a note says.
"""


@dataclass
class Cell:
    offer: str | None
    answer: str | None
    status: str | None
    ours: tuple  # messages with RSV1, and all
    theirs: tuple
    wrong: str | None
    peer: peers.Peer
    role: str
    policy: str

    def fault(self):
        """What is not as it has to be; None if nothing."""
        if self.wrong:
            return f"{self.wrong} (status {self.status}, {self.offer!r}, {self.answer!r})"
        if self.peer.declines:
            return f"answered {self.answer!r}" if self.answer else None
        if not self.answer:
            return f"{self.offer!r} was declined"
        if not self.ours[0] == self.ours[1] > 0:
            return "{} of our {} messages were compressed".format(*self.ours)
        if not self.theirs[0] and not self.peer.plain:
            return "nothing of the peer was compressed"
        if self.theirs[0] and self.peer.plain:
            return "the peer compresses, which it was known not to"
        return None

    def verdict(self):
        """How it went: ok, "-" if no more is known of the peer, or FAIL; and why."""
        fault = self.fault()
        known = self.peer.refuses.get((self.role, self.policy))
        if known and fault:
            return "-", known
        if known:
            return "FAIL", f"it opens, and was known not to: {known}"
        if fault:
            return "FAIL", fault
        return ("-" if self.peer.declines else "ok"), None

    def mark(self):
        return self.verdict()[0]


@dataclass
class Row:
    peer: peers.Peer
    role: str
    cells: dict


def show(row):
    marks = [f"{policy} {cell.mark()}" for policy, cell in row.cells.items()]
    name = f"{row.peer.name} {row.peer.version or 'is missing'}"
    print(f"{name:<34} {row.role:<7} {row.peer.setting:<28} {', '.join(marks)}", flush=True)
    for policy, cell in row.cells.items():
        if cell.mark() == "FAIL":
            print(f"    {policy}: {cell.verdict()[1]}", flush=True)


def finish(rows, root):
    """Prints what there is to say of the rows, and returns the exit code."""
    cells = [cell for row in rows for cell in row.cells.values()]
    counts = {mark: sum(cell.mark() == mark for cell in cells) for mark in ("ok", "-", "FAIL")}
    if root:
        write(rows, root, counts)
    failed = counts["FAIL"] + sum(not row.cells for row in rows)
    print(f"{counts['ok']} passed, {failed} failed")  # which `run` adds up
    return failed > 0


def write(rows, root, counts):
    document = root / "docs/interop.md"
    before = document.read_text().partition(BEGIN.splitlines()[0])[0].rstrip()
    head = BEGIN.format(
        date=datetime.date.today().isoformat(),
        system=f"{platform.system()} on {platform.machine()}",
        passed=counts["ok"],
        known=counts["-"],
        failed=counts["FAIL"],
    )
    document.write_text("\n".join([before, "", head, *table(rows)]) + "\n")
    pairs = ",\n".join(f"  {json.dumps(pair)}" for pair in records(rows))
    (root / "tests/rfc7692/negotiation/peers.json").write_text(f"[\n{pairs}\n]\n")


def table(rows):
    notes = []
    columns = ("default", "bare", "small", "announced")
    yield f"| peer | setting | its role | offer | answer | RSV1 | {' | '.join(columns)} |"
    yield "|---|---|---|---|---|:-:" + "|:-:" * len(columns) + "|"
    for row in filter(lambda row: row.cells, rows):
        peer, default = row.peer, row.cells["default"]
        said = [code(short(text)) for text in (default.offer, default.answer)]
        ours, theirs = default.ours[0] > 0, default.theirs[0] > 0
        rsv1 = {(True, True): "both", (True, False): "ours", (False, True): "its"}
        marks = [marked(row.cells.get(policy), row, notes) for policy in columns]
        setting = peer.setting if peer.setting == "default" else code(peer.setting)
        cells = [f"{peer.name} {peer.version}", setting, row.role, *said]
        yield "| " + " | ".join([*cells, rsv1.get((ours, theirs), "none"), *marks]) + " |"
    yield ""
    yield from (f"{number}. {note[0].upper()}{note[1:]}." for number, note in enumerate(notes, 1))


def marked(cell, row, notes):
    """The mark, with the number of the note on what stopped it or what is less than it might be."""
    if cell is None:
        return ""
    mark, why = cell.verdict()
    why = why or row.peer.declines or row.peer.plain
    if not why or mark == "FAIL":
        return mark
    if why not in notes:
        notes.append(why)
    return f"{mark} ({notes.index(why) + 1})"


def short(text):
    """The parameters, without the name that all have."""
    return re.sub(r"permessage-deflate(; ?)?", "", text) or "bare" if text is not None else None


def code(text):
    return "none" if text is None else text if text == "bare" else f"`{text}`"


def records(rows):
    """Each pair of an offer and its answer that was seen, once."""
    seen = set()
    for row in rows:
        for policy, cell in row.cells.items():
            pair = (row.role, policy, cell.offer, cell.answer)
            if cell.status != "101" or not cell.offer or pair in seen:
                continue
            seen.add(pair)
            yield {
                "peer": f"{row.peer.name} {row.peer.version}",
                "setting": row.peer.setting,
                "role": row.role,
                "policy": policy,
                "offer": cell.offer,
                "answer": cell.answer,
                # Whether we went on: a client that does not like an answer says no more.
                "opens": row.role == peers.CLIENT or cell.ours[1] > 0,
            }
