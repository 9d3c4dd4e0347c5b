"""Fills the table of peers and features, prints it, and with --write keeps it in docs/.

    python3 matrix OUT EXAMPLES [--write FILE] [--peers NAME,NAME] [--compressed PASSED/ALL]
    python3 matrix OUT EXAMPLES --adapter [--peers NAME,NAME]

OUT has the peers that `run` installed, EXAMPLES our programs; of the compressed sessions, that it
held before, the file says how many passed. With --adapter, our end is patchcord-tokio. The last line is "N passed, N failed"; the exit code is
0 if nothing failed and no peer was missing.
"""

import argparse
import json
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import adapter
import cells
import ours
import peers
import processes
import proxy
import report
from judge import Wrong, judge

PORT = int(os.environ.get("INTEROP_PORT", "9014"))  # the first of ten
OURS, PEER, PAGE, TO_US, TO_PEER = PORT, PORT + 6, PORT + 7, PORT + 8, PORT + 9
LIMIT = 230  # seconds, for what runs all the time
BATCH = 90  # seconds, for all sessions of a peer


class Matrix:
    def __init__(self, out, examples, is_adapter):
        self.out = out
        self.cells = cells.cells(out / "audio", out / "large")
        if is_adapter:
            program = out / "rust/release/interop-peers"
            self.servers = adapter.Servers(program, out, OURS, LIMIT)
            self.client = adapter.Client(program)
        else:
            self.servers = ours.Servers(examples, out, OURS, LIMIT)
            self.client = ours.Client(examples, out)
        self.seen = {}  # by the peers' clients: the result of each cell
        if not self.servers.are_listening():
            sys.exit("our server does not listen: " + str(self.servers.ports))

    def start_proxy(self):
        started = proxy.start(self.out, self.servers.ports, TO_US, TO_PEER, PEER, LIMIT)
        if not is_open(TO_US):
            print(*started.said(), sep="\n")

    def hold(self, peer, role):
        """The results of a peer in a role: by column, (mark, what there is to say)."""
        columns = {column: by[role == "server"] for column, _, *by in cells.COLUMNS}
        sessions = self.as_client if role == "client" else self.as_server
        cannot = (self.servers if role == "client" else self.client).cannot
        todo = {name: self.cells[name] for name in columns.values() if name not in cannot}
        held = {name: ("-", reason) for name, reason in cannot.items()} | sessions(peer, todo)
        return {column: held.get(name, ("FAIL", "no result")) for column, name in columns.items()}

    def as_client(self, peer, todo):
        base = (lambda _: f"ws://127.0.0.1:{TO_US}") if peer.is_proxied else self.servers.base
        tag = f"{peer.name}-{peer.version}".replace(" ", "_").replace("'", "")
        specs = {
            name: {
                "cell": name,
                "url": f"{base(cell.kind)}/{cell.kind}/{tag}/{name.replace(' ', '-')}",
                "subprotocols": cell.subprotocols,
                "origin": cell.origin,
                "deflate": cell.deflate,
                "actions": cell.actions,
            }
            for name, cell in todo.items()
        }
        text = json.dumps(list(specs.values()))
        _, lines, error = processes.run(peer.client, BATCH, text, peer.environment)
        (self.out / f"{tag}.log").write_text("\n".join([*lines, error]))
        results = {result["cell"]: result for result in map(json.loads, lines)}
        self.seen[peer.name] = results
        held = {}
        for name, cell in todo.items():
            if name not in results:
                held[name] = "FAIL", f"no result: {error[-200:]}"
                continue
            path = specs[name]["url"].removeprefix(base(cell.kind))
            seen = {} if "cannot" in results[name] else self.servers.seen(cell.kind, path)
            held[name] = self.mark(cell, results[name], seen, peer, "client")
        return held

    def as_server(self, peer, todo):
        command = [*peer.server, PEER]
        environment = os.environ | (peer.environment or {})
        log = self.out / f"{peer.name}-server.log"
        server = processes.Process(command, log, BATCH, env=environment)
        if not server.is_listening():
            why = "it does not listen: " + "; ".join(server.said()[-1:])
            return {name: ("FAIL", why) for name in todo}
        held = {}
        base = f"ws://127.0.0.1:{TO_PEER if peer.is_proxied else PEER}"
        for name, cell in todo.items():
            path = f"/{cell.kind}/{name.replace(' ', '-')}"
            result = self.client.session(cell, base + path)
            for verb, *rest in result.get("events", []):
                if verb == "text" and rest[0].startswith("/cannot "):
                    result = {"cannot": rest[0].removeprefix("/cannot ")}
            seen = {} if "cannot" in result else processes.saw(server, path)
            held[name] = self.mark(cell, result, seen, peer, "server")
        server.stop()
        return held

    @staticmethod
    def mark(cell, client, server, peer, role):
        if "cannot" in client:
            return "-", client["cannot"]
        declines = cell.deflate and not peer.deflates
        if declines:
            cell = replace(cell, deflate=False, wire=lambda up, down: True)
        try:
            said = judge(cell, client, server, peer, role)
            return ("-", "it has no extensions, and declines") if declines else ("ok", said)
        except Wrong as wrong:
            return "FAIL", str(wrong)
        except (IndexError, KeyError, TypeError) as error:
            return "FAIL", f"{type(error).__name__} {error}: {client} {server}"


def is_open(port):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--adapter", action="store_true")
    parser.add_argument("--compressed", default="not run")
    args = parser.parse_args()
    only = args.peers and args.peers.split(",")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # and all that runs with it
    out = args.out.resolve()
    matrix = Matrix(out, args.examples.resolve(), args.adapter)
    print(*report.heads(), sep="\n")
    rows = []
    everyone = list(peers.all_peers(out, PAGE))
    unknown = set(only or ()) - {peer.name for peer in everyone}
    if unknown:
        parser.error(f"no such peers: {', '.join(sorted(unknown))}")
    for peer in everyone:
        if only and peer.name not in only:
            continue
        if peer.version and peer.is_proxied:
            matrix.start_proxy()
        for role in ("client", "server"):
            begin = time.monotonic()
            reason = (peer.absent or {}).get(role)
            held = {} if reason or not peer.version else matrix.hold(peer, role)
            rows.append(report.Row(peer, role, held, reason, time.monotonic() - begin))
            report.print_row(rows[-1])
    in_browser = matrix.seen.get("Chromium", {})
    sys.exit(report.finish(rows, args.write, args.compressed, in_browser, args.adapter))


main()
