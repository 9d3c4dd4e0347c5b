"""Processes with a time limit, and what they said."""

import atexit
import json
import os
import signal
import subprocess
import time
from itertools import islice

_running = []


class Process:
    """A program that runs beside this one, its output going to a file."""

    def __init__(self, command, log, limit, **options):
        self.log = log
        command = ["timeout", "-k", "2", str(limit), *map(str, command)]
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options
            )
        _running.append(self)

    def said(self):
        return self.log.read_text(errors="replace").splitlines()

    def wait_for(self, is_it, patience, skipped=0):
        """The first line of which `is_it` is true, or a later one; None if none comes in time."""
        end = time.monotonic() + patience
        while True:
            has_ended = self.child.poll() is not None
            line = next(islice(filter(is_it, self.said()), skipped, None), None)
            if line is not None or has_ended or time.monotonic() > end:
                return line
            time.sleep(0.02)

    def is_listening(self):
        return self.wait_for(lambda line: line.startswith("listening"), patience=10) is not None

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)  # which `timeout` passes on
            try:
                self.child.wait(4)
            except subprocess.TimeoutExpired:
                self.child.kill()
        if self in _running:
            _running.remove(self)


def run(command, limit, text="", environment=None):
    """A program that is waited for: its exit code and the lines that it said, errors last."""
    command = ["timeout", "-k", "2", str(limit), *map(str, command)]
    environment = os.environ | (environment or {})
    done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment)
    return done.returncode, done.stdout.decode(errors="replace").splitlines(), done.stderr.decode(
        errors="replace"
    ).strip()


def saw(server, path):
    """What a server said, as an object, of the connection with this path, once that was over."""
    is_it = lambda line: line.startswith("{") and json.loads(line)["path"] == path
    line = server.wait_for(is_it, patience=3)
    return json.loads(line) if line else {}


@atexit.register
def _stop_all():
    for process in list(_running):
        process.stop()
