"""What every check needs: processes that end for certain, a broker, and a list of checks that print one line each."""

import contextlib
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    """A check that does not hold; the text says why."""


class Skip(Exception):
    """A check that cannot be made here; the text says why."""


def require(condition, why):
    if not condition:
        raise Failure(why)


def equal(got, wanted, what):
    require(got == wanted, f"{what}: {shortened(got)} instead of {shortened(wanted)}")


def shortened(value, limit=160):
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "…"


class Process:
    """A child process whose lines of output can be waited for. It is ended, by its own id, at the end of its check."""

    running = []

    def __init__(self, args, stdin=None, env=None):
        self.args = [str(a) for a in args]
        self.popen = subprocess.Popen(self.args, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env={**os.environ, **(env or {})})
        Process.running.append(self)
        self.lines = queue.Queue()
        self.errors = []
        self.readers = [threading.Thread(target=self._read_out, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for reader in self.readers:
            reader.start()
        if stdin is not None:
            threading.Thread(target=self._write, args=(stdin,), daemon=True).start()

    def _read_out(self):
        for line in self.popen.stdout:
            self.lines.put(line.decode("utf-8", "replace").rstrip("\n"))
        self.lines.put(None)

    def _read_errors(self):
        for line in self.popen.stderr:
            self.errors.append(line.decode("utf-8", "replace").rstrip("\n"))

    def _write(self, data):
        with contextlib.suppress(BrokenPipeError):
            self.popen.stdin.write(data)
            self.popen.stdin.close()

    @property
    def name(self):
        return os.path.basename(self.args[0])

    def line(self, timeout=10):
        """The next line of standard output; a failure when it ends or nothing comes."""
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise Failure(f"{self.name} printed nothing for {timeout} s{self._said()}") from None
        if line is None:
            raise Failure(f"{self.name} ended with {self.popen.wait()}{self._said()}")
        return line

    def _said(self):
        return "; it said: " + " / ".join(self.errors[-3:]) if self.errors else ""

    def wait(self, timeout=30):
        """The exit code."""
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {timeout} s{self._said()}") from None
        for reader in self.readers:
            reader.join(timeout)
        return code

    def done(self, timeout=30):
        code = self.wait(timeout)
        require(code == 0, f"{self.name} ended with {code}{self._said()}")

    def terminate(self, timeout=30):
        self.popen.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    @classmethod
    def end_all(cls, since=0):
        for process in cls.running[since:]:
            if process.popen.poll() is None:
                process.kill()
        del cls.running[since:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """The broker under test: the program, or Debian's mosquitto to try the checks themselves."""

    def __init__(self, make, program, options=()):
        self.make = make
        self.program = program
        self.host = "127.0.0.1"
        if make == "mosquitto":
            self._start_mosquitto()
        else:
            self._start_program(options)

    def _start_program(self, options):
        self.process = Process([self.program, "run", "-l", "mqtt://127.0.0.1:0", *options])
        line = self.process.line(10)
        while not line.startswith("ready"):
            line = self.process.line(10)
        found = re.search(r"mqtt://127\.0\.0\.1:(\d+)", line)
        require(found, f"no bound URL in: {line}")
        self.port = int(found.group(1))

    def _start_mosquitto(self):
        self.port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as config:
            config.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n")
        daemon = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = Process([daemon, "-c", config.name])
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((self.host, self.port), 1).close()
                break
            require(time.monotonic() < deadline, "mosquitto does not listen")
        os.unlink(config.name)

    @property
    def pid(self):
        return self.process.popen.pid

    def stop(self, timeout=30):
        return self.process.terminate(timeout)


class Checks:
    """Registers checks and runs them: `ok …`, `FAILED …: why` or `skipped …: why`, a line each; failures last again."""

    def __init__(self):
        self.list = []

    def add(self, name, function, timeout=60):
        self.list.append((name, function, timeout))

    def check(self, name, timeout=60):
        def register(function):
            self.add(name, function, timeout)
            return function
        return register

    def run(self, only=None, verbose=False):
        passed = skipped = 0
        failures = []
        for name, function, timeout in self.list:
            if only and not re.search(only, name):
                continue
            started = len(Process.running)
            signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Failure("took too long")))
            signal.alarm(timeout)
            try:
                function()
            except Skip as reason:
                skipped += 1
                print(f"skipped {name}: {reason}", flush=True)
            except Exception as problem:
                why = str(problem) if isinstance(problem, Failure) else f"{type(problem).__name__}: {problem}"
                failures.append(f"FAILED {name}: {why}")
                print(failures[-1], flush=True)
                if verbose:
                    traceback.print_exc()
            else:
                passed += 1
                print(f"ok {name}", flush=True)
            finally:
                signal.alarm(0)
                Process.end_all(started)
        summary = f"{passed} passed, {len(failures)} failed"
        print(summary + (f", {skipped} skipped" if skipped else ""), flush=True)
        # Once more below hundreds of lines: a log is often read, or cut, from its end.
        for failure in failures:
            print(failure, flush=True)
        return not failures


counter = 0


def unique(stem="t"):
    global counter
    counter += 1
    return f"{stem}{os.getpid()}x{counter}"


def say(text):
    print(text, file=sys.stderr, flush=True)
