"""What one sees of a running bus: `run --report` and `--picture`, `run --view`, `actorbus top`."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import xml.dom.minidom

from clients import Make, Subscriber, publish
from harness import Broker, Failure, Process, equal, free_port, require, unique

HELLO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../demos/topologies/hello.toml")

ECHO = """
[[listener]]
url = "mqtt://127.0.0.1:0"

[[participant]]
name = "mirror"
kind = "echo"
filter = "{topic}/q/+"
topic = "{topic}/a/{{1}}"
qos = 1
"""


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as path:
        yield path


class Topology(Broker):
    """The program with a topology file of one's own, and flags."""

    def __init__(self, program, options):
        super().__init__("actorbus", program, options)

    def _start_program(self, options):
        self.process = Process([self.program, "run", *options])
        self.port = int(self.process.line(10).rsplit(":", 1)[1])


def all_lines(process):
    """What a process that has ended has printed."""
    lines = []
    while (line := process.lines.get(timeout=5)) is not None:
        lines.append(line)
    return lines


def about(got, wanted, what):
    """The same, but for what flows while figures are gathered."""
    require(abs(got - wanted) <= 3, f"{what}: {got} instead of {wanted}")


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def add_reports(checks, program):
    @checks.check("report: hello.toml, with a picture beside it")
    def hello():
        with folder() as where:
            report, picture = os.path.join(where, "r.json"), os.path.join(where, "r.svg")
            process = Process([program, "run", HELLO, "-l", "mqtt://127.0.0.1:0", "--duration", "3", "--report", report,
                               "--picture", picture])
            equal(process.wait(50), 0, "exit code")
            equal(sorted(os.listdir(where)), ["r.json", "r.svg"], "files")
            got = read_json(report)
            equal([p["name"] for p in got["participants"]],
                  ["kitchen", "bath", "cellar", "thermostat", "clock", "counter"], "participants")
            require(got["duration_s"] >= 3, f"duration {got['duration_s']}")
            totals = got["totals"]
            sent = sum(p["messages_in"] for p in got["participants"])
            require(sent > 10, f"participants have published {sent}")
            about(totals["messages_in"], sent, "messages from participants")
            about(totals["messages_out"], totals["observed"] + sum(p["messages_out"] for p in got["participants"]),
                  "messages to participants and the observer")
            about(sum(t["messages"] for t in got["topics"]), totals["observed"], "messages by topic")
            texts = [t.firstChild.data for t in xml.dom.minidom.parse(picture).getElementsByTagName("text")
                     if t.firstChild]
            for text in ("kitchen", "sensors/kitchen/temperature", "sensors/+/temperature", "counter"):
                require(text in texts, f"{text!r} is not in the picture")

    @checks.check("report: its counts are what a foreign client has counted, also after SIGTERM")
    def counts():
        topic = unique()
        with folder() as where:
            file, report = os.path.join(where, "t.toml"), os.path.join(where, "r.json")
            with open(file, "w", encoding="utf-8") as out:
                out.write(ECHO.format(topic=topic))
            broker = Topology(program, [file, "--report", report])
            subscriber = Subscriber(Make("mosquitto", "5"), broker, f"{topic}/a", 1, client_id="counting")
            for i in range(5):
                publish(Make("mosquitto", "5"), broker, f"{topic}/q/{i}", str(i), 1)
            equal(len(subscriber.take(5)), 5, "answers")
            equal(broker.process.terminate(), 0, "exit code")
            got = read_json(report)
            mirror = got["participants"][0]
            equal((mirror["name"], mirror["kind"], mirror["filters"]), ("mirror", "echo", [f"{topic}/q/+"]), "participant")
            equal((mirror["messages_out"], mirror["messages_in"]), (5, 5), "messages to and from the participant")
            counting = next(c for c in got["clients"] if c["client"] == "counting")
            equal(counting["messages_out"], 6, "messages to the subscriber, with the one that says ready")
            equal((counting["connected"], counting["version"]), (True, "5.0"), "the subscriber")
            require(counting["listener"].startswith("mqtt://127.0.0.1:"), f"listener {counting['listener']}")
            totals = got["totals"]
            equal(sum(c["messages_in"] for c in got["clients"]), 6, "messages from clients that have left")
            equal(totals["messages_in"], 11, "messages from all")
            equal(totals["messages_out"], 11 + totals["observed"], "messages to all")
            equal(totals["observed"], 11, "messages that were counted by topic")

    for name, path in (("in a folder that does not exist", "/nonexistent/r.json"), ("that is a device", "/dev/null")):
        for flag in ("--report", "--picture"):
            @checks.check(f"mistake: {flag} {name}")
            def refused(path=path, flag=flag):
                process = Process([program, "run", "-l", "mqtt://127.0.0.1:0", flag, path, "--duration", "120"])
                code = process.wait(30)
                require(code > 0, f"the program ended with {code}")
                equal(len(process.errors), 1, f"lines on standard error ({process.errors})")
                require(path in process.errors[0], f"the file is not named in: {process.errors[0]}")


def add_top(checks, program):
    def top(host, port, *options):
        process = Process([program, "top", "-h", host, "-p", port, *options])
        code = process.wait(50)
        return code, all_lines(process), process.errors

    @checks.check("top -n 1 shows a running bus: its clients, with counts")
    def ours():
        broker = Broker("actorbus", program)
        topic = unique()
        subscriber = Subscriber(Make("mosquitto", "5"), broker, topic, client_id="listening")
        for i in range(3):
            publish(Make("mosquitto", "3.1.1"), broker, f"{topic}/m", str(i), 1)
        subscriber.take(3)
        code, lines, errors = top(broker.host, broker.port, "-n", "1")
        equal((code, errors), (0, []), "exit code and standard error")
        require(lines[0].startswith(f"mqtt://127.0.0.1:{broker.port}   actorbus version "), f"first line {lines[0]}")
        mine = [line for line in lines if line.startswith("  listening (mqtt://")]
        equal(len(mine), 1, f"lines of the client in {lines}")
        require(" out 4 " in mine[0] or " out 3 " in mine[0], f"counts: {mine[0]}")

    @checks.check("top -n 2 -s name by a URL shows two pictures")
    def twice():
        broker = Broker("actorbus", program)
        process = Process([program, "top", f"mqtt://127.0.0.1:{broker.port}", "-n", "2", "-d", "0.5", "-s", "name"])
        equal(process.wait(50), 0, "exit code")
        lines = all_lines(process)
        equal(sum(line.startswith("mqtt://") for line in lines), 2, f"pictures in {lines}")

    @checks.check("top -n 1 shows mosquitto by what it says of itself")
    def foreign():
        broker = Broker("mosquitto", program)
        code, lines, errors = top(broker.host, broker.port, "-n", "1")
        equal((code, errors), (0, []), "exit code and standard error")
        require("mosquitto version" in lines[0], f"first line {lines[0]}")
        require(any(line.startswith("clients ") for line in lines), f"no clients in {lines}")

    @checks.check("top where nobody listens ends with one line")
    def nobody():
        code, lines, errors = top("127.0.0.1", free_port(), "-n", "1")
        require(code > 0, f"exit code {code}")
        equal((lines, len(errors)), ([], 1), "standard output, lines on standard error")


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, args, rows=24, columns=80):
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.resize(rows, columns)
        self.popen = subprocess.Popen(args, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                      env={**os.environ, "TERM": "xterm"})
        os.close(slave)
        self.output = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, done, what, timeout=15):
        end = time.monotonic() + timeout
        while not done(self.output):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise Failure(f"no {what} within {timeout} s in {self.output[-300:]!r}")
            try:
                self.output += os.read(self.master, 65536).decode("utf-8", "replace")
            except OSError:
                raise Failure(f"the program ended without {what}: {self.output[-300:]!r}") from None

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, timeout=10):
        """The exit code; reads what comes meanwhile."""
        end = time.monotonic() + timeout
        while self.popen.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                with contextlib.suppress(OSError):
                    self.output += os.read(self.master, 65536).decode("utf-8", "replace")
        with contextlib.suppress(OSError):
            while more := os.read(self.master, 65536):
                self.output += more.decode("utf-8", "replace")
        return self.popen.poll()

    def close(self):
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        os.close(self.master)


OTHER_SCREEN, SAME_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


def add_screens(checks, program):
    @checks.check("run --view paints the terminal and gives it back at SIGINT")
    def view():
        terminal = Terminal([program, "run", HELLO, "-l", "mqtt://127.0.0.1:0", "--view", "--duration", "60"])
        try:
            terminal.until(lambda out: "thermostat" in out and "sensors/kitchen" in out, "picture")
            require(OTHER_SCREEN in terminal.output, "the other screen is not used")
            terminal.output = ""
            terminal.resize(8, 40)
            terminal.until(lambda out: out.count("\x1b[?2026l") >= 3, "pictures")
            last = terminal.output.split("\x1b[H")[-2]
            require(last.count("\r\n") < 8, f"too many lines for the window: {last!r}")
            terminal.popen.send_signal(signal.SIGINT)
            equal(terminal.end(), 0, "exit code")
            require(SAME_SCREEN in terminal.output, "the first screen does not come back")
            require("\x1b[?25h" in terminal.output, "the cursor does not come back")
        finally:
            terminal.close()

    @checks.check("run --view without a terminal prints lines")
    def plain():
        process = Process([program, "run", HELLO, "-l", "mqtt://127.0.0.1:0", "--view", "--duration", "7"])
        equal(process.wait(50), 0, "exit code")
        lines = all_lines(process)
        require(any(line.startswith("  kitchen (sensor): in ") for line in lines), f"no participant in {lines}")
        require(not any("\x1b" in line for line in lines), "control characters in a log")

    @checks.check("top on a terminal obeys its keys")
    def keys():
        broker = Broker("actorbus", program)
        terminal = Terminal([program, "top", f"mqtt://127.0.0.1:{broker.port}", "-d", "0.2"])
        try:
            terminal.until(lambda out: "by rate" in out, "picture")
            terminal.type("w")
            terminal.until(lambda out: "by queued" in out, "other order")
            terminal.until(lambda out: "client  " in out.split("by queued", 1)[1], "clients in that order")
            terminal.type("q")
            equal(terminal.end(), 0, "exit code")
            require(SAME_SCREEN in terminal.output, "the first screen does not come back")
        finally:
            terminal.close()


def add(checks, broker):
    if broker.make != "actorbus":
        return
    add_reports(checks, broker.program)
    add_top(checks, broker.program)
    add_screens(checks, broker.program)
