"""Has compressed JSON echoed by peers in their own settings, and by us in our default ones.

    python3 deflate OUT EXAMPLES [--all] [--peers NAME,NAME] [--write ROOT]

OUT has the peers that `run` installed, EXAMPLES our programs. --all adds what `build` installs, and
the last of our policies.
What stands in the table is read from the bytes on the wire by a relay that is neither end. A cell
is ok if the connection opened, all came back, permessage-deflate was agreed on, and both ends set
RSV1. The last line is "N passed, N failed".
"""

import argparse
import json
import os
import socket
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "matrix"))

import ours  # noqa: E402
import peers  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
from wire import Relay  # noqa: E402

LIMIT = 230  # seconds, for what runs all the time
SESSION = 15  # seconds
MESSAGES = 4
WORDS = "so the connection was open when the first message came and the second one did not".split()


def messages():
    """JSON as a recogniser sends it, of 1.5 KB each: what all libraries hold to be worth it."""
    for number in range(MESSAGES):
        words = [
            {"word": WORDS[(at * 7 + number) % len(WORDS)], "start": at * 40 + number}
            for at in range(45)
        ]
        yield json.dumps({"type": "transcript", "number": number, "words": words})


class Sessions:
    def __init__(self, out, examples, policies):
        self.out, self.examples, self.policies = out, examples, policies
        self.messages = list(messages())
        self.as_json, self.as_lines = out / "deflate.json", out / "deflate.txt"
        self.as_json.write_text(json.dumps(self.messages))
        self.as_lines.write_text("".join(message + "\n" for message in self.messages))
        self.server = ours.Server(examples, out, policies, LIMIT)
        self.relay = Relay()

    def hold(self, peer, role):
        """The cell of each policy of ours."""
        hold = self.with_client if role == peers.CLIENT else self.with_server
        return dict(hold(peer))

    def with_client(self, peer):
        file = self.as_lines if peer.reads_lines else self.as_json
        command = peer.command(peers.CLIENT, f"ws://127.0.0.1:{self.relay.port}", file)
        for policy, port in self.server.ports.items():
            self.relay.begin(port)
            _, lines, error = processes.run(command, SESSION, environment=peer.environment)
            said = [*lines, *error.splitlines()] or ["nothing was said"]
            # A browser may take longer to end than it is waited for.
            wrong = None if "ok" in lines else said[-1]
            yield policy, self.cell(peer, peers.CLIENT, policy, wrong)

    def with_server(self, peer):
        port = free_port()
        log = self.out / f"deflate-{peer.name.replace('/', '-')}.log"
        environment = os.environ | peer.environment
        command = peer.command(peers.SERVER, port)
        server = processes.Process(command, log, SESSION * 4, env=environment)
        listens = server.is_listening()
        for policy in self.policies:
            self.relay.begin(port)
            url = f"ws://127.0.0.1:{self.relay.port}"
            wrong = "; ".join(server.said()[-1:]) or "it does not listen"
            if listens:
                wrong = ours.client(self.examples, url, self.messages, policy, peer.subprotocols)
            yield policy, self.cell(peer, peers.SERVER, policy, wrong)
        server.stop()

    def cell(self, peer, role, policy, wrong):
        time.sleep(0.02)  # until the relay has noted the end
        session = self.relay.session()
        own, other = session.compressed_down, session.compressed_up
        if role == peers.SERVER:
            own, other = other, own
        return report.Cell(
            offer=session.offer,
            answer=session.answer,
            status=session.status,
            ours=own,
            theirs=other,
            wrong=wrong,
            peer=peer,
            role=role,
            policy=policy,
        )


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--peers")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    only = args.peers and args.peers.split(",")
    out = args.out.resolve()
    policies = list(ours.OPTIONS) if args.all else list(ours.OPTIONS)[:-1]
    sessions = Sessions(out, args.examples.resolve(), policies)
    everyone = [*peers.from_registries(out), *(peers.from_debian(out) if args.all else [])]
    held = []
    for peer in everyone:
        if only and peer.name not in only:
            continue
        for role in peer.roles:
            cells = sessions.hold(peer, role) if peer.version else {}
            held.append(report.Row(peer, role, cells))
            report.show(held[-1])
    sys.exit(report.finish(held, args.write))


main()
