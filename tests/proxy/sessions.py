"""Sessions through proxies, each with the outcome that it must have."""

import os
import pathlib
import subprocess
import sys

from proxies import PASSWORDS, USER, Recorder, Running, closed_to_strangers, haproxy, squid, tinyproxy

OUT, EXAMPLES, TRANSPORTS = (pathlib.Path(path) for path in sys.argv[1:4])
FIRST = int(sys.argv[4])
# The proxies, of which every second wants a password; the ends; and ports at which nobody listens.
PROXIES = [(tinyproxy, FIRST), (tinyproxy, FIRST + 1), (squid, FIRST + 2), (squid, FIRST + 3)]
HAPROXY = FIRST + 4
ECHO, ONE, TWO, TLS, CLOSED, FORBIDDEN, OURS = range(FIRST + 6, FIRST + 13)
LARGE = 1_000_000
# What the servers of examples/transports want to be shown.
KEY = ["--credential", "pair:token", "--key", "k-3141592653"]
PATIENCE = 20  # seconds, for a session

passed = failed = 0


def row(where, what, fault):
    global passed, failed
    passed, failed = passed + (not fault), failed + bool(fault)
    print(f"{where:28} {what:36} {fault or 'ok'}", flush=True)


def session(command):
    """The exit status, and what was printed."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    return ran.returncode, ran.stdout + ran.stderr


def client(proxy, port, *args, user=None, scheme="ws"):
    command = [EXAMPLES / "client", "--proxy", f"127.0.0.1:{proxy}"]
    command += ["--proxy-user", user] if user else []
    command += [f"{scheme}://127.0.0.1:{port}/a-path?key=5ec7e7", "--subprotocol", "a-subprotocol"]
    return session([*command, "--timeout", "10", *args])


def fault_of(found, status, *said):
    code, printed = found
    missing = [text for text in said if text not in printed]
    return "" if code == status and not missing else f"exit {code}, {printed!r}"


def opens(proxy, user):
    """A text, a long message and a closing handshake; and what the proxy was told before."""
    recorder = Recorder(proxy)
    large, saved = OUT / "large", OUT / "saved"
    large.write_bytes(os.urandom(LARGE))
    found = client(
        recorder.port, ECHO, "--text", "hello", "--await", "1", "--binary", large, "--save", saved,
        "--await", "2", "--close", "1000,bye", user=user,
    )
    if fault := fault_of(found, 0, 'text "hello"', 'close 1000 "" by=us'):
        return fault
    if saved.read_bytes() != large.read_bytes():
        return "the long message came back otherwise"
    return told_too_much(bytes(recorder.said[0]), user)


def told_too_much(said, user):
    target = b"127.0.0.1:%d" % ECHO
    head, _, rest = said.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    expected = 3 if user else 2
    if lines[:2] != [b"CONNECT %b HTTP/1.1" % target, b"Host: " + target] or len(lines) != expected or rest:
        return f"the proxy was told {said!r}"
    return ""


def through(kind, port):
    wants = closed_to_strangers(port)
    where = f"{kind.__name__} with{'' if wants else 'out'} a password"
    good = f"{USER}:{PASSWORDS[kind.__name__]}" if wants else None
    row(where, "opens, and carries 1 MB both ways", opens(port, good))
    refused = client(port, CLOSED, user=good)
    row(where, "nobody listens behind it", fault_of(refused, 1, "the proxy answered 50"))
    refused = client(port, FORBIDDEN, user=good)
    row(where, "the port is not allowed", fault_of(refused, 1, "the proxy answered 403"))
    tls = ["--ca", OUT / "pem", *KEY, "--text", "hello", "--await", "1", "--close", "1000"]
    found = client(port, TLS, *tls, user=good, scheme="wss")
    row(where, "wss through it", fault_of(found, 0, "open subprotocol=token", 'text "hello"', "by=us"))
    if wants:
        # RFC 9110 section 15.5.8 wants 407 for a wrong password too; tinyproxy says 401, as a server would.
        wrong = 401 if kind is tinyproxy else 407
        for name, user, status in [
            ("no", None, 407), ("a wrong", f"{USER}:guess", wrong), ("an empty", f"{USER}:", wrong)
        ]:
            asked = f"the proxy answered {status}, asking for Basic"
            row(where, f"{name} password", fault_of(client(port, ECHO, user=user), 1, asked))


def gateways():
    one = [TRANSPORTS / "tokio_tcp", "connect", f"ws://127.0.0.1:{HAPROXY}/echo"]
    row("haproxy", "HTTP/1.1 in, extended CONNECT out", fault_of(session(one), 0))
    two = [TRANSPORTS / "h2_connect", "connect", f"ws://127.0.0.1:{HAPROXY + 1}/echo"]
    row("haproxy", "extended CONNECT in, HTTP/1.1 out", fault_of(session(two), 0))


def our_gateway():
    """What is in `patchcord::handshake::gateway`, before a server of HTTP/2."""
    one = [TRANSPORTS / "tokio_tcp", "connect", f"ws://127.0.0.1:{OURS}/echo"]
    row("examples/gateway", "HTTP/1.1 in, extended CONNECT out", fault_of(session(one), 0))
    keyless = session([EXAMPLES / "client", f"ws://127.0.0.1:{OURS}/echo", "--close", "1000"])
    row("examples/gateway", "the upstream refuses", fault_of(keyless, 3, "refused 401"))


def main():
    with Running(OUT) as running:
        for name, port in [("tokio_tcp", ONE), ("h2_connect", TWO)]:
            running.start(name, [TRANSPORTS / name, "serve", f"127.0.0.1:{port}"], port)
        running.start("tls", [TRANSPORTS / "rustls_wss", "serve", f"127.0.0.1:{TLS}", OUT / "pem"], TLS)
        echo = [EXAMPLES / "echo_server", "--subprotocols", "a-subprotocol", f"127.0.0.1:{ECHO}"]
        running.start("echo_server", echo, ECHO)
        for kind, port in PROXIES:
            kind(running, port, [ECHO, TLS], CLOSED)
            through(kind, port)
        haproxy(running, HAPROXY, ONE, TWO)
        gateways()
        ours = [TRANSPORTS / "examples" / "gateway", f"127.0.0.1:{OURS}", f"ws://127.0.0.1:{TWO}"]
        running.start("gateway", ours, OURS)
        our_gateway()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
