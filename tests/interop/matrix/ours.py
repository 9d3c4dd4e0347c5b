"""The two ends that are ours: the examples `client` and `echo_server`."""

import hashlib
import json
import re

import cells
import processes


class Servers:
    """An echo server for each kind."""

    cannot = {}

    def __init__(self, examples, out, first_port, limit):
        options = {
            "deflate": ["--deflate"],
            "chat": ["--subprotocols", ",".join(cells.CHAT)],
            "pair": ["--credential", "pair:token", "--key", cells.KEY],
            "prefix": [
                *("--credential", "prefix:" + cells.PREFIX),
                *("--subprotocols", "realtime", "--key", cells.KEY),
            ],
            "origin": ["--origin", cells.ORIGIN],
        }
        self.ports = {kind: first_port + at for at, kind in enumerate(cells.KINDS)}
        self.processes = {}
        self.pathless = 0
        for kind, port in self.ports.items():
            command = [examples / "echo_server", "--obey", "--log", *options.get(kind, [])]
            log = out / f"echo_server-{kind}.log"
            self.processes[kind] = processes.Process([*command, f"127.0.0.1:{port}"], log, limit)

    def are_listening(self):
        return all(process.is_listening() for process in self.processes.values())

    def base(self, kind):
        return f"ws://127.0.0.1:{self.ports[kind]}"

    def seen(self, kind, path):
        """How the connection with this path ended, once it has."""
        # A request that is refused for its origin is not looked at further: it has no path.
        start, skipped = (path, 0) if kind != "origin" else ("-", self.pathless)
        begins = lambda line: line.startswith(start + " ")
        line = self.processes[kind].wait_for(begins, patience=3, skipped=skipped)
        if line is None:
            return {}
        self.pathless += start == "-"
        if refused := re.fullmatch(r"\S+ refused (\d+)", line):
            return {"refused": int(refused[1])}
        closed = re.match(r'\S+ closed by=(\w+) code=(\S+) reason=(".*")', line)
        wire = re.search(r"received=(\d+) sent=(\d+)$", line)
        seen = {"line": line, "wire": (int(wire[1]), int(wire[2]))}
        if closed:
            code = None if closed[2] == "-" else int(closed[2])
            seen["close"] = [code, json.loads(closed[3])]
            seen["closer"] = "server" if closed[1] == "us" else "client"
        return seen


class Client:
    """The example `client`: a process for each session."""

    cannot = {}

    def __init__(self, examples, out):
        self.program = examples / "client"
        self.saved = out / "received"

    def session(self, cell, url):
        command = [self.program, url, "--traffic", "--timeout", 10, "--save", self.saved]
        code, lines, error = processes.run([*command, *self.options(cell)], limit=20)
        result = self.result(lines)
        if error:
            result["events"].append(["failed", error])
        result["exit"] = code
        result["sha256"] = hashlib.sha256(self.saved.read_bytes()).hexdigest()
        return result

    def options(self, cell):
        if cell.kind == "pair":
            key = cell.subprotocols[1]
            yield from ("--credential", "pair:token", "--key", key)
        elif cell.kind == "prefix":
            key = cell.subprotocols[1].removeprefix(cells.PREFIX)
            yield from ("--credential", "prefix:" + cells.PREFIX, "--key", key)
            yield from ("--subprotocol", cell.subprotocols[0])
        else:
            for name in cell.subprotocols:
                yield from ("--subprotocol", name)
        if cell.origin:
            yield from ("--header", f"Origin: {cell.origin}")
        if cell.deflate:
            yield "--deflate"
        for verb, *rest in cell.actions:
            if verb in ("text", "binary"):
                yield from ("--fragments", rest[-1])
            if verb == "binary":
                yield from ("--cut", rest[1])
            value = f"{rest[0]},{rest[1]}" if verb == "close" else rest[0]
            yield from (f"--{verb}", value)

    @staticmethod
    def result(lines):
        events, result = [], {}
        for line in lines:
            verb, _, rest = line.partition(" ")
            if verb == "open":
                agreed = re.fullmatch(r"subprotocol=(\S+) extensions=(.*)", rest).groups()
                events.append(["open", *("" if text == "-" else text for text in agreed)])
            elif verb in ("text", "ping", "pong"):
                events.append([verb, json.loads(rest)])
            elif verb in ("binary", "refused"):
                events.append([verb, int(rest)])
            elif verb == "close":
                code, reason = re.fullmatch(r'(\S+) (".*") by=\w+', rest).groups()
                events.append(["close", None if code == "-" else int(code), json.loads(reason)])
            elif verb == "traffic":
                received, sent = re.fullmatch(r"received=(\d+) sent=(\d+)", rest).groups()
                result["wire"] = (int(sent), int(received))
            else:
                events.append([verb, rest])
        return result | {"events": events}
