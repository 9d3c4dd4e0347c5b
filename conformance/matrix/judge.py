"""Starts each server and client, has it judged, and combines the reports:

    judge.py TARGET [NAME...]      with names, only these
    judge.py TARGET --again        only combines the existing reports
"""

import datetime
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/interop/deflate"))
import peers as compressed  # noqa: E402

FIRST_PORT = 9140
PATIENCE = 400  # seconds, for all cases of one server
# Servers that are slow, or handle one connection at a time: fewer at once.
JOBS = {"autobahn": 2, "libsoup": 4, "Qt WebSockets": 4, "Mojolicious": 4, "websocket-driver (Ruby)": 4}


@dataclass
class Server:
    name: str
    version: str
    command: list
    environment: dict
    subprotocol: str | None = None


def servers(target):
    """Each implementation once, with the first of its settings that has a server."""
    out = target / "interop"
    ours = target / "release/examples/echo_server"
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    yield Server("patchcord", version, lambda port: [ours, "--deflate", f"127.0.0.1:{port}"], {})
    for name in ("tungstenite", "fastwebsockets"):
        program = out / "rust/release/interop-peers"
        version = compressed.said([program, "version", name], r"(\S+)")
        yield Server(name, version, lambda port, name=name: [program, "echo", name, str(port)], {})
    seen = set()
    for peer in [*compressed.from_registries(out), *compressed.from_debian(out)]:
        if "server" not in peer.roles or peer.name in seen or not peer.version:
            continue
        seen.add(peer.name)
        command = lambda port, peer=peer: peer.command("server", str(port))
        subprotocol = peer.subprotocols[0] if peer.subprotocols else None
        yield Server(peer.name, peer.version, command, peer.environment, subprotocol)


CLIENTS = Path(__file__).resolve().parent / "clients"


def clients(target):
    """Those that echo by the contract of `client`: ours, and some from npm and PyPI."""
    out = target / "interop"
    ours = target / "release/examples/autobahn_client"
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    yield Server("patchcord", version, lambda port: [ours, "--deflate", f"ws://127.0.0.1:{port}"], {})
    versions = {peer.name: peer for peer in compressed.from_registries(out) if peer.version}
    for name, program in (
        ("ws", ["node", CLIENTS / "client.js"]),
        ("websocket", ["node", CLIENTS / "client.js"]),
        ("undici", ["node", CLIENTS / "client.js"]),
        ("websockets", [out / "python/bin/python", CLIENTS / "client.py"]),
        ("aiohttp", [out / "python/bin/python", CLIENTS / "client.py"]),
    ):
        peer = versions.get(name)
        if peer:
            command = lambda port, program=program, name=name: [*program, name, f"ws://127.0.0.1:{port}"]
            yield Server(name, peer.version, command, peer.environment)


def judge_client(client, port, target):
    import os

    name = re.sub(r"\W+", "-", client.name)
    report = target / "conformance-matrix" / f"client-{name}.json"
    report.unlink(missing_ok=True)
    command = [target / "release/conformance", "client", "--listen", f"127.0.0.1:{port}"]
    command += ["--json", report, "--name", f"{client.name} {client.version}", "--patience", "4000"]
    suite = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    suite.stdout.readline()  # it listens
    log = open(report.with_suffix(".log"), "wb")
    try:
        words = [str(word) for word in client.command(port)]
        environment = dict(os.environ, **client.environment)
        subprocess.run(words, env=environment, stdout=log, stderr=log, timeout=3 * PATIENCE)
        said = suite.communicate(timeout=60)[0].splitlines()[-2:]
        return (said[0] if said else "nothing"), report
    except subprocess.TimeoutExpired:
        return f"{client.name} as a client: took longer than {3 * PATIENCE} s", None
    finally:
        suite.kill()
        suite.wait()


def await_port(process, port):
    """Waits until it listens."""
    import socket

    for _ in range(200):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def judge(server, port, target):
    import os

    report = target / "conformance-matrix" / (re.sub(r"\W+", "-", server.name) + ".json")
    report.unlink(missing_ok=True)
    environment = dict(os.environ, **server.environment)
    log = open(report.with_suffix(".log"), "wb")
    process = subprocess.Popen(
        [str(word) for word in server.command(port)], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    try:
        if not await_port(process, port):
            return f"{server.name}: does not listen", None
        command = [target / "release/conformance", "server", f"ws://127.0.0.1:{port}/", "--json", report]
        command += ["--name", f"{server.name} {server.version}", "--patience", "8000"]
        command += ["--jobs", str(JOBS.get(server.name, 8))]
        if server.subprotocol:
            command += ["--subprotocol", server.subprotocol]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)
        end = done.stdout.splitlines()[-2:]
        died = "" if process.poll() is None else f" (the server ended with {process.returncode})"
        return (end[0] if end else done.stderr.strip()) + died, report
    except subprocess.TimeoutExpired:
        return f"{server.name}: took longer than {PATIENCE} s", None
    finally:
        process.kill()
        process.wait()


INTRODUCTION = """# Conformance of servers and clients

Written by `conformance/matrix/run` on {date}, {system}: {count} implementations that echo, judged by the
cases of [conformance](../conformance/README.md), {cases} for servers. Versions are those that npm, PyPI, crates and
Debian gave; message limits are raised to 64 MiB where a library has an option, everything else is left at its default.

How to read it. **must**: a specification says MUST, or its words leave no alternative. **should**: it says
SHOULD, or an endpoint that behaves otherwise holds a connection, bytes or time for a peer that has broken the
rules, or refuses what others send; such an endpoint may conform all the same. **choice**: the
specifications allow more than one outcome, and only those that differ from most are listed. The figures count cases,
and one fault can fail many; the lists below them give each fault once. A library can be set to
behave differently than by default, and the program around it ({peers}) is ours: if a line
below is that program's fault, it is a defect of this page, and an issue is welcome. (Uncertain: the compressed echoes of
4 KiB and more that libwebsockets does not send, or not completely; the program pauses its reading meanwhile.) `conformance/matrix/run
NAME` repeats one, and writes a page with what was on the wire.

"""


def hold(target, names):
    """Has all judged, or only those with these names."""
    for number, server in enumerate(servers(target)):
        if not names or server.name in names:
            print(judge(server, FIRST_PORT + number, target)[0], flush=True)
    for number, client in enumerate(clients(target)):
        if not names or f"client {client.name}" in names:
            print(judge_client(client, FIRST_PORT + 60 + number, target)[0], flush=True)


def main():
    target, names = Path(sys.argv[1]), sys.argv[2:]
    folder = target / "conformance-matrix"
    folder.mkdir(exist_ok=True)
    if names != ["--again"]:
        hold(target, names)
    files = [path for path in folder.glob("*.json")]
    order = lambda path: (path.name.startswith("client-"), not path.stem.endswith("patchcord"), path.name.lower())
    reports = [str(path) for path in sorted(files, key=order)]
    suite = str(target / "release/conformance")
    table = folder / "table.md"
    pages = ["--html", str(folder / "conformance.html"), "--markdown", str(table)]
    subprocess.run([suite, "report", *reports, *pages], check=True)
    print(f"{len(reports)} reports; {folder / 'conformance.html'}")
    if names and names != ["--again"]:
        return
    cases = len(json.loads(Path(reports[0]).read_text())["cases"])
    text = INTRODUCTION.format(
        date=datetime.date.today().isoformat(), system="Linux on x86_64", count=len(reports), cases=cases,
        peers="[servers](../tests/interop/deflate/peers), [clients](../conformance/matrix/clients)",
    )
    (ROOT / "docs/conformance.md").write_text(text + table.read_text())


main()
