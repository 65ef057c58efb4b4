"""Every road in, with clients that others wrote: TLS, pre-shared keys, WebSocket, Unix sockets, HTTP, systemd."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from clients import event, scripted_command
from harness import Failure, Process, Skip, equal, require, unique

PSK = "0123456789abcdef"


def openssl(*args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, check=False)
    require(done.returncode == 0, f"openssl {args[0]}: {done.stderr.decode()[-200:]}")


class Authority:
    """Certificates in a folder that goes with the checks."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="actorbus-interop-")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=interop authority", "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))
        self.issue("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.issue("anna", "/O=home/CN=anna")

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, subject, extension="basicConstraints=CA:FALSE"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                "-keyout", self.path(name + ".key"), "-out", self.path(name + ".csr"))
        with open(self.path(name + ".ext"), "w", encoding="ascii") as extensions:
            extensions.write(extension + "\n")
        openssl("x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.path("ca.pem"), "-CAkey",
                self.path("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", self.path(name + ".ext"),
                "-out", self.path(name + ".pem"))


class Listener:
    """The program, listening at URLs with port 0."""

    def __init__(self, program, urls, *options, **environment):
        arguments = [program, "run", "-v"]
        for url in urls:
            arguments += ["-l", url]
        self.process = Process([*arguments, *options], **environment)
        line = self.process.line(10)
        require(line.startswith("ready"), f"no line that says ready: {line}")
        self.urls = line.split()[1:]

    def port(self, scheme):
        for url in self.urls:
            found = re.match(scheme + r"://[^:]+:(\d+)", url)
            if found:
                return int(found.group(1))
        raise Failure(f"no {scheme} among {self.urls}")


def round_trip(publish, subscribe, topic):
    """A subscriber that prints one message, and a publisher, as commands."""
    subscriber = Process([*subscribe, "-t", topic, "-C", "1", "-W", "15"])
    deadline = 50
    while subscriber.popen.poll() is None and deadline > 0:
        Process([*publish, "-t", topic, "-m", "hello", "-q", "1"]).done()
        try:
            equal(subscriber.line(0.3), "hello", "payload")
            return
        except Failure:
            deadline -= 1
    raise Failure(f"nothing came: {subscriber.errors[-3:]}")


def refused(command, words):
    process = Process(command)
    code = process.wait(30)
    require(code != 0, "it connected")
    text = " / ".join(process.errors)
    require(words in text, f"it said: {text}")


def add_tls(checks, program, authority):
    secure = ["--cert", authority.path("server.pem"), "--key", authority.path("server.key")]

    @checks.check("TLS: mosquitto's clients and ours, both versions")
    def versions():
        port = Listener(program, ["mqtts://127.0.0.1:0"], *secure).port("mqtts")
        for version in ("tlsv1.2", "tlsv1.3"):
            foreign = ["-h", "localhost", "-p", port, "--cafile", authority.path("ca.pem"), "--tls-version", version]
            own = ["-L", f"mqtts://localhost:{port}", "--cafile", authority.path("ca.pem"), "--tls-version", version]
            round_trip(["mosquitto_pub", *foreign], [program, "sub", *own], unique())
            round_trip([program, "pub", *own], ["mosquitto_sub", *foreign], unique())

    @checks.check("TLS: clients' certificates, with and without")
    def mutual():
        port = Listener(program, ["mqtts://127.0.0.1:0"], *secure, "--cafile", authority.path("ca.pem"),
                        "--require-certificate").port("mqtts")
        common = ["-h", "localhost", "-p", port, "--cafile", authority.path("ca.pem")]
        own = ["--cert", authority.path("anna.pem"), "--key", authority.path("anna.key")]
        round_trip(["mosquitto_pub", *common, *own], [program, "sub", *common, *own], unique())
        refused(["mosquitto_pub", *common, "-t", "t", "-m", "m"], "Error")
        refused([program, "pub", *common, "-t", "t", "-m", "m"], "certificate required")

    @checks.check("TLS: a pre-shared key, mosquitto's clients and ours")
    def psk():
        with open(authority.path("keys"), "w", encoding="ascii") as keys:
            keys.write(f"anna:{PSK}\n")
        port = Listener(program, ["mqtts://127.0.0.1:0"], "--psk-file", authority.path("keys")).port("mqtts")
        common = ["-h", "localhost", "-p", port, "--psk", PSK, "--psk-identity", "anna"]
        round_trip(["mosquitto_pub", *common], [program, "sub", *common], unique())
        round_trip([program, "pub", *common], ["mosquitto_sub", *common], unique())

    @checks.check("TLS: a server that can't be trusted is refused with the reason")
    def untrusted():
        port = Listener(program, ["mqtts://127.0.0.1:0"], *secure).port("mqtts")
        say = ["-t", "t", "-m", "m"]
        refused([program, "pub", "-L", f"mqtts://localhost:{port}", *say],
                "the server's certificate is refused: unable to get local issuer certificate")
        authority.issue("other", "/CN=other", "subjectAltName=DNS:other.test")
        elsewhere = Listener(program, ["mqtts://127.0.0.1:0"], "--cert", authority.path("other.pem"), "--key",
                             authority.path("other.key")).port("mqtts")
        refused([program, "pub", "-L", f"mqtts://localhost:{elsewhere}", "--cafile", authority.path("ca.pem"), *say],
                "the server's certificate is refused: hostname mismatch")
        Process([program, "pub", "-L", f"mqtts://localhost:{elsewhere}", "--insecure", *say]).done()

    @checks.check("TLS: openssl s_client is refused old versions, and shown the certificate")
    def s_client():
        listener = Listener(program, ["mqtts://127.0.0.1:0"], *secure)
        where = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port('mqtts')}", "-CAfile",
                 authority.path("ca.pem"), "-verify_hostname", "localhost", "-alpn", "mqtt"]
        done = subprocess.run([*where, "-brief"], input=b"", capture_output=True, timeout=30, check=False)
        text = (done.stdout + done.stderr).decode()
        require("Verification: OK" in text, text[-300:])
        done = subprocess.run([*where, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], input=b"", capture_output=True,
                              timeout=30, check=False)
        require("alert protocol version" in (done.stdout + done.stderr).decode(), "1.1 was not refused by an alert")
        equal(listener.process.terminate(), 0, "exit code")
        require(any("only versions of TLS that are not allowed" in line for line in listener.process.errors),
                f"the program said: {listener.process.errors}")

    @checks.check("TLS: a client that speaks plain MQTT is closed, and the log says why")
    def plain():
        listener = Listener(program, ["mqtts://127.0.0.1:0"], *secure)
        refused(["mosquitto_pub", "-h", "localhost", "-p", listener.port("mqtts"), "-t", "t", "-m", "m"], "Error")
        equal(listener.process.terminate(), 0, "exit code")
        require(any("the client speaks no TLS" in line for line in listener.process.errors),
                f"the program said: {listener.process.errors}")

    @checks.check("TLS: SIGHUP reads the certificate again, a broken file changes nothing")
    def reload():
        authority.issue("changing", "/CN=before", "subjectAltName=DNS:localhost")
        listener = Listener(program, ["mqtts://127.0.0.1:0"], "--cert", authority.path("changing.pem"), "--key",
                            authority.path("changing.key"))

        def shown():
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port('mqtts')}"],
                                  input=b"", capture_output=True, timeout=30, check=False)
            return re.search(r"subject=CN = (\w+)", done.stdout.decode()).group(1)

        equal(shown(), "before", "subject")
        authority.issue("changing", "/CN=after", "subjectAltName=DNS:localhost")
        listener.process.popen.send_signal(signal.SIGHUP)
        require(any(shown() == "after" for _ in range(50)), "the certificate stayed")
        with open(authority.path("changing.pem"), "w", encoding="ascii") as broken:
            broken.write("rubbish")
        listener.process.popen.send_signal(signal.SIGHUP)
        equal(shown(), "after", "subject")
        equal(listener.process.terminate(), 0, "exit code")
        require(any("what was there stays" in line for line in listener.process.errors), "nobody said so")


def scripted_round_trip(kind, place):
    """A scripted client that publishes to itself."""
    class Kind:
        pass

    make = Kind()
    make.kind = kind
    topic = unique()
    plan = {"version": 4, "id": unique("w"), "subscribe": [[topic, 1]], "stay": True,
            "publish": [{"topic": topic, "payload": "x" * 200000, "qos": 1}], **place}
    process = Process(scripted_command(make), stdin=json.dumps(plan).encode())
    equal(len(event(process, "message")["payload"]), 200000, "payload")


def add_web(checks, program, authority):
    secure = ["--cert", authority.path("server.pem"), "--key", authority.path("server.key")]
    for kind in ("mqtt.js", "paho-python"):
        @checks.check(f"WebSocket, with and without TLS, and TLS alone: {kind}")
        def web(kind=kind):
            listener = Listener(program, ["ws://127.0.0.1:0", "wss://127.0.0.1:0", "mqtts://127.0.0.1:0"], *secure)
            ca = authority.path("ca.pem")
            scripted_round_trip(kind, {"host": "localhost", "port": listener.port("ws"), "protocol": "ws"})
            scripted_round_trip(kind, {"host": "localhost", "port": listener.port("wss"), "protocol": "wss",
                                       "cafile": ca})
            scripted_round_trip(kind, {"host": "localhost", "port": listener.port("mqtts"), "protocol": "mqtts",
                                       "cafile": ca})

    @checks.check("WebSocket with permessage-deflate: mqtt.js, whose 200 KB travel packed")
    def packed():
        listener = Listener(program, ["ws://127.0.0.1:0"], "--deflate")
        scripted_round_trip("mqtt.js", {"host": "localhost", "port": listener.port("ws"), "protocol": "ws"})

    @checks.check("WebSocket: our own clients")
    def own():
        listener = Listener(program, ["ws://127.0.0.1:0", "wss://127.0.0.1:0"], *secure)
        plain = ["-L", f"ws://localhost:{listener.port('ws')}/mqtt"]
        tls = ["-L", f"wss://localhost:{listener.port('wss')}/mqtt", "--cafile", authority.path("ca.pem")]
        round_trip([program, "pub", *plain], [program, "sub", *tls], unique())
        refused([program, "pub", "-L", f"ws://localhost:{listener.port('ws')}/other", "-t", "t", "-m", "m"],
                "the server answers 404 Not Found")

    @checks.check("HTTP: curl is told that all is well, and what is not there")
    def http():
        if not shutil.which("curl"):
            raise Skip("no curl")
        listener = Listener(program, ["ws://127.0.0.1:0"])
        where = f"http://127.0.0.1:{listener.port('ws')}"
        for path, status, body in (("/health", "200", "ok\n"), ("/absent", "404", "there is nothing at this path\n"),
                                   ("/mqtt", "426", "MQTT over WebSocket is here; nothing to look at\n")):
            done = subprocess.run(["curl", "-s", "-w", "%{http_code}", where + path], capture_output=True, timeout=20,
                                  check=False)
            equal(done.stdout.decode(), body + status, path)


def add_local(checks, program):
    @checks.check("Unix socket: mosquitto's clients and ours, and the file's mode")
    def unix():
        path = os.path.join(tempfile.mkdtemp(prefix="actorbus-interop-"), "bus")
        listener = Listener(program, ["unix://" + path], "--mode", "0600")
        equal(os.stat(path).st_mode & 0o777, 0o600, "mode")
        round_trip(["mosquitto_pub", "--unix", path], [program, "sub", "-L", "unix://" + path], unique())
        round_trip([program, "pub", "--unix", path], ["mosquitto_sub", "--unix", path], unique())
        equal(listener.process.terminate(), 0, "exit code")
        require(not os.path.exists(path), "the socket's file is still there")

    @checks.check("PROXY protocol: a header before a real client's packets")
    def proxy():
        listener = Listener(program, ["mqtt://127.0.0.1:0"], "--proxy-protocol", "--trusted", "127.0.0.0/8")
        with socket.create_connection(("127.0.0.1", listener.port("mqtt")), 10) as peer:
            peer.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 1883\r\n"
                         b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01p")
            equal(peer.recv(100), b"\x20\x02\x00\x00", "CONNACK")
        with socket.create_connection(("127.0.0.1", listener.port("mqtt")), 10) as peer:
            peer.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01p")
            equal(peer.recv(100), b"", "what comes without a header")


def add_service_manager(checks, program):
    @checks.check("systemd: a socket that was opened before, readiness, watchdog and stop")
    def service():
        folder = tempfile.mkdtemp(prefix="actorbus-interop-")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, socket.socket() as listening:
            told.bind(os.path.join(folder, "notify"))
            told.settimeout(10)
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            port = listening.getsockname()[1]
            # What the manager does: the socket as descriptor 3, and the process's number in the environment.
            start = f'exec 3<&{listening.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
            popen = subprocess.Popen(["bash", "-c", start, "bash", program,
                                      "run", "-l", f"mqtt://127.0.0.1:{port}"],
                                     env={**os.environ, "NOTIFY_SOCKET": os.path.join(folder, "notify"),
                                          "WATCHDOG_USEC": "200000"},
                                     pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL)
            try:
                require(told.recv(1000).startswith(b"READY=1\n"), "the first word is not READY")
                equal(told.recv(1000), b"WATCHDOG=1", "what is said then")
                Process(["mosquitto_pub", "-p", port, "-t", "t", "-m", "m", "-q", "1"]).done()
                popen.send_signal(signal.SIGHUP)
                while True:
                    word = told.recv(1000)
                    if word != b"WATCHDOG=1":
                        break
                require(word.startswith(b"RELOADING=1\nMONOTONIC_USEC="), f"after SIGHUP: {word}")
                popen.terminate()
                words = []
                while words[-1:] != [b"STOPPING=1"]:
                    words.append(told.recv(1000))
                equal(popen.wait(30), 0, "exit code")
            finally:
                if popen.poll() is None:
                    popen.kill()


def add(checks, broker):
    if broker.make != "actorbus":
        return
    authority = Authority()
    add_tls(checks, broker.program, authority)
    add_web(checks, broker.program, authority)
    add_local(checks, broker.program)
    add_service_manager(checks, broker.program)
