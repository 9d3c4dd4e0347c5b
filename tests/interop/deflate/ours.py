"""The two ends that are ours, with nothing but `--deflate`: `echo_server` and `client`."""

import json
import re

import processes

OPTIONS = {
    "default": [],
    "bare": ["--bare"],
    "small": ["--small-windows"],
    "announced": ["--window-bits", "11"],
}


class Server:
    """An echo server for each policy."""

    def __init__(self, examples, out, policies, limit):
        self.ports = {}
        for policy in policies:
            if policy == "bare":
                continue  # which is about what a client offers
            command = [examples / "echo_server", "--deflate", *OPTIONS[policy], "127.0.0.1:0"]
            log = out / f"deflate-echo_server-{policy}.log"
            started = processes.Process(command, log, limit)
            line = started.wait_for(lambda line: line.startswith("listening"), patience=10)
            self.ports[policy] = int(re.search(r":(\d+)$", line)[1])


def client(examples, url, messages, policy, subprotocols=()):
    """What is wrong with a session of the example `client`; None if all came back."""
    command = [examples / "client", url, "--deflate", *OPTIONS[policy], "--timeout", "8"]
    for name in subprotocols:
        command += ["--subprotocol", name]
    for number, message in enumerate(messages, 1):
        command += ["--text", message, "--await", number]
    command += ["--close", "1000"]
    code, lines, error = processes.run(command, limit=12)
    echoes = [json.loads(line[5:]) for line in lines if line.startswith("text ")]
    if code == 3:
        return "refused with " + next(line[8:] for line in lines if line.startswith("refused"))
    if code != 0:
        return ([f"exit code {code}"] + lines[-1:] + error.splitlines())[-1]
    return None if echoes == list(messages) else "another message came back"
