"""The table, on the terminal and in a file."""

import datetime
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import cells

COLUMNS = [column for column, *_ in cells.COLUMNS]
FILE = Path(__file__).resolve().parents[3] / "docs/interop.md"
NAMES = 30  # columns for the peer's name and role
COMPRESSED = "## Compression out of the box"  # what ../deflate keeps, from here to the end

TITLE = """\
# Interoperability

Written by `tests/interop/run --write` on {date}, {system}. Sessions over sockets with
implementations that others wrote: the peer as a client of the example `echo_server`, and as a
server of the example `client`. The views of both ends are compared with what the cell asks for: every
message, byte for byte, subprotocols, extensions, status codes, reasons, and which end closed.

{passed} cells passed, {failed} failed. In addition, {compressed} compressed sessions passed, with
`websockets` and `ws`, in both roles, with windows of 9, 12 and 15 bits, with and without context
takeover, pooled and live; `tests/interop/run` prints them first.
"""

BROWSER = """## What a page sees

In Chromium, with `new WebSocket(url, subprotocols)`. After a refusal it sees no status, only
1006: the connection was never open.

| cell | subprotocols | `protocol` | `extensions` | code | reason | `wasClean` |
|---|---|---|---|---|---|---|"""

LEGEND = """\
`ok` is a cell that ran and passed, `FAIL` one that did not pass, and `-` one that the peer cannot
run: the number says why. The columns name the end that acts: in "close by us" the peer
sees our code 4000 and our reason, in "close by peer" we see its code 3000 and its reason. Peers with
one role cannot run the other.

| column | what runs |
|---|---|
| text | three messages, one of them empty, one not ASCII |
| audio | 281 binary messages of 640 bytes, 5.6 s of speech |
| fragments | a text in three frames; the bytes on the wire prove that there are three |
| ping | a payload, and the pong with the same payload |
| 16 MiB | one binary message |
| chosen | of two subprotocols, the one that the server prefers and the client does not |
| no overlap, none offered | a subprotocol that the server does not have; none |
| key in a pair | `["token", KEY]`, of which `token` is selected |
| key with prefix | `["realtime", "openai-insecure-api-key.KEY"]`: `realtime` is selected |
| 401, 403 | a wrong key, a foreign origin |
| deflate | 13 KB of JSON and its echo, each of which takes less than half of that on the wire |

The same cells are held with `patchcord-tokio` as our end, in both roles,
except for fragments by us, since its messages are whole: `tests/interop/run` prints the results, and
fails if a cell does.

nginx sits between Python's `websockets` and us, in each role; libcurl is the one in `curl_cffi`,
and Node's WebSocket the one built into Node. With the WebSocket of pages, `bufferedAmount` is 0
whenever everything was echoed, and binary messages arrive as `ArrayBuffer`. Chromium, nginx and curl are the
system's; all other versions are pinned.
"""


@dataclass
class Row:
    peer: object
    role: str
    held: dict  # column: (mark, what there is to say)
    absent: str | None
    seconds: float

    @property
    def name(self):
        return f"{self.peer.name} {self.peer.version or ''}".strip()

    @property
    def is_missing(self):
        return self.peer.version is None

    def mark(self, column):
        return self.held.get(column, ("-",))[0]

    def all_said(self):
        """What there is to say of the row, with the columns of each: but for failures."""
        said = {}
        for column, (mark, text) in self.held.items():
            if text and mark != "FAIL":
                said.setdefault(text, []).append(column)
        return said


WIDTH = 6  # columns for a mark


def heads():
    """Two lines: the columns' short names."""
    names = [(short.split() + [""])[:2] for _, short, *_ in cells.COLUMNS]
    for words in zip(*names):
        yield " " * NAMES + "".join(f"{word:>{WIDTH}}" for word in words)


def print_row(row):
    name = f"{row.name[:22]:<23}{row.role:<7}"
    if row.is_missing:
        return print(name + "  not installed", flush=True)
    if row.absent:
        return print(f"{name}  - {row.absent}", flush=True)
    marks = "".join(f"{row.mark(column):>{WIDTH}}" for column in COLUMNS)
    print(f"{name}{marks} {row.seconds:5.1f} s", flush=True)


def finish(rows, file, compressed, in_browser, is_adapter):
    """Prints what there is to say of the rows, and returns the exit code."""
    passed = count(rows, "ok")
    failures = [
        f"{row.name} as {row.role}, {column}: {text}"
        for row in rows
        for column, (mark, text) in row.held.items()
        if mark == "FAIL"
    ]
    if not file and not is_adapter:
        failures += lost(rows)
    missing = [row.name for row in rows if row.is_missing and row.role == "client"]
    for row in rows:
        for text, columns in row.all_said().items():
            print(f"{row.name} as {row.role}: {text} ({', '.join(columns)})")
    print(*(f"FAIL {failure}" for failure in failures), sep="\n", end="\n" if failures else "")
    print(*(f"MISSING {name}" for name in missing), sep="\n", end="\n" if missing else "")
    if file:
        text = [*table(rows, passed, failures, compressed), *browser(in_browser)]
        _, begin, rest = Path(file).read_text(encoding="utf-8").partition(COMPRESSED)
        written = "\n".join(text).rstrip() + "\n"
        Path(file).write_text(f"{written}\n{begin}{rest}".rstrip() + "\n", encoding="utf-8")
    print(f"{passed} passed, {len(failures)} failed")  # which `run` adds up
    return 1 if failures or missing else 0


def lost(rows):
    """The cells that the file in the repository has as held, and that now are not: means that a peer
    has do not vanish."""
    once = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, role, *marks = [part.strip() for part in line.strip("| ").split("|")] + [""]
        if role in ("client", "server"):
            once[re.sub(r" [\d.]+$", "", name), role] = dict(zip(COLUMNS, marks))
    for row in rows:
        for column, (mark, text) in row.held.items():
            if mark == "-" and once.get((row.peer.name, row.role), {}).get(column, "").startswith("ok"):
                yield f"{row.name} as {row.role}, {column}: was held once, and now: {text}"


def count(rows, mark):
    return sum(row.mark(column) == mark for row in rows for column in row.held)


def table(rows, passed, failures, compressed):
    """The lines of the file, up to what a page sees."""
    notes = []
    lines = [
        "| peer | role | " + " | ".join(COLUMNS) + " |",
        "|---|---|" + ":-:|" * len(COLUMNS),
    ]
    for row in rows:
        if row.absent and row.role == "server":
            continue
        marks = [mark_with_note(notes, *row.held[column]) for column in COLUMNS if row.held]
        if not marks:
            marks = ["-" + note(notes, row.absent or "it is not installed here")]
            marks += ["-"] * (len(COLUMNS) - 1)
        lines.append(f"| {row.name} | {row.role} | " + " | ".join(marks) + " |")
    yield TITLE.format(
        date=datetime.date.today().isoformat(),
        system=f"{platform.system()} on {platform.machine()}",
        passed=passed,
        failed=len(failures),
        compressed=compressed.replace("/", " of "),
    )
    yield from lines
    yield ""
    yield from (f"{number}. {text[0].upper()}{text[1:]}." for number, text in enumerate(notes, 1))
    yield ""
    yield from (f"- {failure}" for failure in failures)
    yield LEGEND
    yield from hidden(rows)


def note(notes, text):
    if text not in notes:
        notes.append(text)
    return f" ({notes.index(text) + 1})"


def mark_with_note(notes, mark, text):
    return mark + note(notes, text) if text and mark != "FAIL" else mark


def hidden(rows):
    """What no cell could see, for the same reason in all columns."""
    names = {}
    for row in rows:
        if row.held and row.role == "client" and row.peer.hides:
            names.setdefault(" or ".join(sorted(row.peer.hides)), []).append(row.peer.name)
    for what, peers in names.items():
        yield f"{', '.join(dict.fromkeys(peers))} do not show a {what} to their callers."
        yield ""


def browser(results):
    """What the page saw of each session: the table's lines."""
    if not results:
        return
    yield BROWSER
    for name, result in results.items():
        if "cannot" in result:
            continue
        (first, *opened), (_, code, *reason) = result["events"][0], result["events"][-1]
        protocol, extensions = opened if first == "open" else ("", "")
        offered = result["subprotocols"]
        cells_of_row = [
            name,
            *(f"`{text}`" if text else "" for text in (", ".join(offered), protocol, extensions)),
            str(code),
            *(reason or [""]),
            str(result["clean"]).lower(),
        ]
        yield "| " + " | ".join(cells_of_row) + " |"
