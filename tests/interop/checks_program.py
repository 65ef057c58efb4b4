"""The program itself: signals, a user's mistakes, and peers that misbehave."""

import contextlib
import os
import resource
import signal
import socket
import struct
import tempfile
import time

from harness import Broker, Failure, Process, equal, require, unique

SERVER_SHUTTING_DOWN = 0x8B


def string(text):
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def packet(first, body):
    length = b""
    rest = len(body)
    while True:
        length += bytes([rest % 128 | (128 if rest >= 128 else 0)])
        rest //= 128
        if rest == 0:
            return bytes([first]) + length + body


def connect_bytes(client_id, version=4):
    properties = b"\0" if version == 5 else b""
    return packet(0x10, string("MQTT") + bytes([version, 2, 0, 0]) + properties + string(client_id))


def connect(broker, version=4):
    """A raw client that has its CONNACK."""
    peer = socket.create_connection((broker.host, broker.port), 10)
    peer.settimeout(15)
    peer.sendall(connect_bytes(unique("r"), version))
    answer = receive(peer)
    require(answer[0] == 0x20 and answer[3] == 0, f"CONNACK {answer.hex()}")
    return peer


def receive(peer):
    """The next packet, or nothing when the peer has closed."""
    got = b""
    while True:
        if len(got) >= 2 and got[1] < 128 and len(got) >= 2 + got[1]:
            return got
        try:
            more = peer.recv(1)
        except TimeoutError:
            raise Failure("no packet within 15 s") from None
        except ConnectionResetError:
            return b""
        if not more:
            return b""
        got += more


def closed_after(peer, dribble=b""):
    """Seconds until the broker closes; meanwhile one byte of `dribble` goes out each second."""
    started = time.monotonic()
    peer.settimeout(1)
    while time.monotonic() - started < 15:
        with contextlib.suppress(ConnectionError, TimeoutError):
            if not peer.recv(100):
                return time.monotonic() - started
            continue
        if dribble:
            try:
                peer.sendall(dribble[:1])
            except OSError:
                return time.monotonic() - started
            dribble = dribble[1:]
    raise Failure("still open after 15 s")


def add_mistakes(checks, program):
    def refused(name, args, *mentions):
        @checks.check(f"mistake: {name}")
        def mistake():
            process = Process([program, *args])
            code = process.wait(10)
            require(code != 0, "the program ended with 0")
            require(code > 0, f"the program died of signal {-code}")
            equal(len(process.errors), 1, f"lines on standard error ({process.errors})")
            line = process.errors[0]
            require(line.startswith("actorbus: "), f"another form: {line}")
            require(line.count(": ") >= 2, f"no WHAT: WHY in: {line}")
            for text in mentions:
                require(text in line, f"{text!r} is not named in: {line}")

    for url in ("mqtt//127.0.0.1", "gopher://127.0.0.1:70", "mqtt://127.0.0.1:99999", "mqtt://", "mqtt://127.0.0.1:x"):
        refused(f"the URL {url}", ["run", "-l", url], url)
    refused("a flag that does not exist", ["run", "--no-such-flag"], "--no-such-flag")
    refused("a flag without its value", ["run", "-l"], "-l")
    refused("a port that is no number", ["run", "-p", "many"], "many")
    refused("a setting that does not exist", ["run", "--set", "limits.nonsense=1"], "nonsense")
    refused("a setting without a value", ["run", "--set", "limits.connect_timeout_ms"], "limits.connect_timeout_ms")
    refused("a setting that is no number", ["run", "--set", "limits.connect_timeout_ms=soon"], "connect_timeout_ms")
    refused("a duration that is no number", ["run", "--duration", "long"], "long")
    refused("a command that does not exist", ["frobnicate"], "frobnicate")
    refused("a topology file that does not exist", ["run", "/nonexistent/bus.toml"], "/nonexistent/bus.toml")

    @checks.check("mistake: a port in use")
    def port_in_use():
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            process = Process([program, "run", "-l", f"mqtt://127.0.0.1:{port}"])
            code = process.wait(10)
            require(code > 0, f"the program ended with {code}")
            equal(len(process.errors), 1, f"lines on standard error ({process.errors})")
            require(str(port) in process.errors[0], f"the port is not named in: {process.errors[0]}")

    for name, text, line in (("broken syntax", 'name = "x"\n\n[broker\n', 3),
                             ("an unterminated text", '# a comment\nname = "x\n', 2),
                             ("an unknown key", '# one\n# two\n# three\nno_such_key = 1\n', 4)):
        @checks.check(f"mistake: a topology file with {name} on line {line}")
        def topology(text=text, line=line):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "bad.toml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                process = Process([program, "run", path])
                code = process.wait(10)
                require(code > 0, f"the program ended with {code}")
                equal(len(process.errors), 1, f"lines on standard error ({process.errors})")
                said = process.errors[0]
                require(said.startswith("actorbus: ") and "bad.toml" in said, f"the file is not named in: {said}")
                require(f":{line}" in said or f"line {line}" in said, f"line {line} is not named in: {said}")


def add_signals(checks, program):
    for name in ("SIGTERM", "SIGINT"):
        @checks.check(f"{name} ends the program with 0")
        def ends(name=name):
            broker = Broker("actorbus", program)
            peer = connect(broker)
            broker.process.popen.send_signal(getattr(signal, name))
            equal(broker.process.wait(5), 0, "exit code")
            equal(receive(peer), b"", "at a client of 3.1.1")

    @checks.check("SIGTERM tells clients of MQTT 5 why: 0x8B")
    def tells():
        broker = Broker("actorbus", program)
        peer = connect(broker, 5)
        broker.process.popen.send_signal(signal.SIGTERM)
        got = receive(peer)
        require(got[:1] == b"\xe0" and got[2:3] == bytes([SERVER_SHUTTING_DOWN]), f"received {got.hex()}")
        equal(receive(peer), b"", "after the DISCONNECT")
        equal(broker.process.wait(5), 0, "exit code")

    @checks.check("SIGTERM with 1000 clients ends the program with 0 within 2 s")
    def thousand():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard < 65536 else 65536, hard))
        broker = Broker("actorbus", program)
        peers = [connect(broker) for _ in range(1000)]
        started = time.monotonic()
        broker.process.popen.send_signal(signal.SIGTERM)
        equal(broker.process.wait(10), 0, "exit code")
        took = time.monotonic() - started
        for peer in peers:
            peer.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        require(took < 2, f"it took {took:.1f} s")

    @checks.check("--duration ends the program with 0")
    def duration():
        process = Process([program, "run", "-l", "mqtt://127.0.0.1:0", "--duration", "1"])
        require(process.line(10).startswith("ready"), "no line that says ready")
        equal(process.wait(10), 0, "exit code")


def add_peers(checks, program):
    def impatient():
        return Broker("actorbus", program, ["--set", "limits.connect_timeout_ms=1500"])

    whole = connect_bytes("slow" + "x" * 60)
    for name, first, dribble in (("says nothing", b"", b""), ("stops in its CONNECT", whole[:10], b""),
                                 ("sends its CONNECT a byte a second", whole[:1], whole[1:])):
        @checks.check(f"a peer that {name} is closed after the connect time-out, others are served")
        def slow(first=first, dribble=dribble):
            broker = impatient()
            peer = socket.create_connection((broker.host, broker.port), 10)
            peer.sendall(first)
            other = connect(broker)
            took = closed_after(peer, dribble)
            require(took > 1, f"closed after {took:.1f} s already")
            require(took < 6, f"closed after {took:.1f} s only")
            other.sendall(b"\xc0\0")
            equal(receive(other), b"\xd0\0", "another client's PINGRESP")

    @checks.check("a client that has connected in time is not closed by the connect time-out")
    def patient():
        broker = impatient()
        peer = connect(broker)
        time.sleep(2.5)
        peer.sendall(b"\xc0\0")
        equal(receive(peer), b"\xd0\0", "PINGRESP")

    @checks.check("a subscriber that never reads costs less than 100 MB and stops nobody", timeout=120)
    def never_reads():
        broker = Broker("actorbus", program)
        deaf, listener, publisher = connect(broker), connect(broker), connect(broker)
        for peer, topic in ((deaf, "flood"), (listener, "last")):
            peer.sendall(packet(0x82, b"\0\1" + string(topic) + b"\0"))
            equal(receive(peer), b"\x90\x03\0\1\0", "SUBACK")
        before = resident_bytes(broker.pid)
        publisher.settimeout(60)
        flood = packet(0x30, string("flood") + b"x" * 65000)
        for _ in range(4000):
            publisher.sendall(flood)
        publisher.sendall(packet(0x30, string("last") + b"done"))
        listener.settimeout(60)
        equal(receive(listener), packet(0x30, string("last") + b"done"), "at the one who reads")
        grown = (resident_bytes(broker.pid) - before) / 1e6
        require(grown < 100, f"grown by {grown:.0f} MB")


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise Failure("no VmRSS")


def add(checks, broker):
    if broker.make != "actorbus":
        return
    add_mistakes(checks, broker.program)
    add_signals(checks, broker.program)
    add_peers(checks, broker.program)
