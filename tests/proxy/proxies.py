"""Proxies and gateways of others, started with configurations written here, and what is recorded of them."""

import contextlib
import pathlib
import pwd
import socket
import subprocess
import threading
import time

USER = "scott"
# Of each proxy; that of tinyproxy can have letters and digits alone.
PASSWORDS = {"tinyproxy": "t1ger5ec7e7", "squid": "a t1ger: 5ec7e7"}


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


class Running:
    """Processes that end with the block they were started in."""

    def __init__(self, out):
        self.out, self.processes = pathlib.Path(out), []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, name, command, port):
        if listens(port):
            raise RuntimeError(f"{name}: something listens on port {port} already")
        log = open(self.out / f"{name}.log", "wb")
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.out))
        for _ in range(200):
            if listens(port):
                return
            if self.processes[-1].poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{name} does not listen: see {log.name}")

    def write(self, name, text):
        path = self.out / name
        path.write_text(text)
        return path


def tinyproxy(running, port, allowed, closed):
    text = f"Port {port}\nListen 127.0.0.1\nTimeout 30\nAllow 127.0.0.1\n"
    text += "".join(f"ConnectPort {other}\n" for other in [*allowed, closed])
    if closed_to_strangers(port):
        text += f"BasicAuth {USER} {PASSWORDS['tinyproxy']}\n"
    config = running.write(f"tinyproxy-{port}.conf", text)
    running.start(f"tinyproxy-{port}", ["tinyproxy", "-d", "-c", config], port)


def squid(running, port, allowed, closed):
    ports = " ".join(map(str, [*allowed, closed]))
    # Without rights to lose, squid would not start as root: it becomes the user that owns these files.
    user = "proxy" if any(entry.pw_name == "proxy" for entry in pwd.getpwall()) else "nobody"
    folder = running.out / f"squid-{port}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    rules = "http_access deny !open_ports\nhttp_access allow all\n"
    if closed_to_strangers(port):
        hashed = subprocess.check_output(["openssl", "passwd", "-apr1", PASSWORDS["squid"]], text=True).strip()
        words = running.write(f"squid-{port}/users", f"{USER}:{hashed}\n")
        rules = f"""auth_param basic program /usr/lib/squid/basic_ncsa_auth {words}
auth_param basic realm a proxy, "quoted"
acl known proxy_auth REQUIRED
http_access deny !open_ports
http_access allow known
http_access deny all
"""
    config = running.write(
        f"squid-{port}/squid.conf",
        f"""http_port 127.0.0.1:{port}
pid_filename none
cache_effective_user {user}
cache_log {folder}/cache.log
access_log none
cache deny all
shutdown_lifetime 1 seconds
max_filedescriptors 1024
acl open_ports port {ports}
{rules}""",
    )
    running.start(f"squid-{port}", ["/usr/sbin/squid", "-N", "-f", config], port)


def closed_to_strangers(port):
    """Every second proxy wants a name and a password."""
    return port % 2 == 1


def haproxy(running, port, h1_server, h2_server):
    """HTTP/1.1 at `port` goes to a server of HTTP/2, and HTTP/2 at the port above to one of HTTP/1.1."""
    config = running.write(
        "haproxy.cfg",
        f"""defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 60s
listen one_to_two
    bind 127.0.0.1:{port}
    server two 127.0.0.1:{h2_server} proto h2
listen two_to_one
    bind 127.0.0.1:{port + 1} proto h2
    server one 127.0.0.1:{h1_server} proto h1
""",
    )
    running.start("haproxy", ["/usr/sbin/haproxy", "-db", "-f", config], port)


class Recorder:
    """Relays connections to a port, and keeps what clients say before they are answered."""

    def __init__(self, port):
        self.to, self.said = port, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.server.accept()
            server = socket.create_connection(("127.0.0.1", self.to))
            said = bytearray()
            self.said.append(said)
            answered = threading.Event()
            for ends in [(client, server, said), (server, client, None)]:
                threading.Thread(target=self.relay, args=(*ends, answered), daemon=True).start()

    @staticmethod
    def relay(source, sink, said, answered):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if said is None:
                    answered.set()
                elif not answered.is_set():
                    said += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
