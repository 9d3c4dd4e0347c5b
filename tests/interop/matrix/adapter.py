"""The two ends that are ours, once more: patchcord-tokio, which `rust_peers` has as one of its peers."""

import hashlib
import json

import cells
import processes

WHOLE = "its messages are whole"


class Servers:
    """One server, which looks at the path for the kind that a cell wants."""

    cannot = {"fragments server": WHOLE}

    def __init__(self, program, out, port, limit):
        self.ports = {kind: port for kind in cells.KINDS}
        log = out / "patchcord-tokio.log"
        self.process = processes.Process([program, "server", "patchcord-tokio", port], log, limit)

    def are_listening(self):
        return self.process.is_listening()

    def base(self, kind):
        return f"ws://127.0.0.1:{self.ports[kind]}"

    def seen(self, kind, path):
        return processes.saw(self.process, path)


class Client:
    """A process for each session."""

    cannot = {"fragments client": WHOLE}

    def __init__(self, program):
        self.command = [program, "client", "patchcord-tokio"]

    def session(self, cell, url):
        spec = {
            "cell": cell.name,
            "url": url,
            "subprotocols": cell.subprotocols,
            "origin": cell.origin,
            "deflate": cell.deflate,
            "actions": cell.actions,
        }
        _, lines, error = processes.run(self.command, 20, json.dumps([spec]))
        if not lines:
            return {"events": [["failed", error]], "sha256": hashlib.sha256().hexdigest(), "exit": 1}
        result = json.loads(lines[0])
        verbs = [event[0] for event in result["events"]]
        result["exit"] = 3 if "refused" in verbs else 1 if "failed" in verbs else 0
        return result
