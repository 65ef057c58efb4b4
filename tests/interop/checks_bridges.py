"""Bridges between the program and brokers of others, both ways: ours to theirs, and mosquitto's own to us."""

import contextlib
import os
import shutil
import socket
import tempfile
import threading
import time

from checks_transports import Authority
from clients import Make, Subscriber, publish, publish_lines
from harness import HERE, Broker, Process, Skip, equal, free_port, require, unique

BRIDGE_VERSIONS = ("3.1.1", "5")
MOSQUITTO_BRIDGE_NAME = {"3.1.1": "mqttv311", "5": "mqttv50"}


@contextlib.contextmanager
def authority_here():
    authority = Authority()
    try:
        yield authority
    finally:
        shutil.rmtree(authority.folder)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Listening:
    """A broker that some process here listens for."""

    def __init__(self, process, port, program=""):
        self.host, self.port, self.process, self.program = "127.0.0.1", port, process, program

    def wait(self):
        deadline = time.monotonic() + 15
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((self.host, self.port), 1).close()
                return self
            require(time.monotonic() < deadline, f"{self.process.name} does not listen")


def bridging_program(program, remote_port, extra="", topics=None, url="mqtt://127.0.0.1"):
    """The program with a bridge called `test` to a port, and both directions of every topic unless others are given."""
    topics = topics or '[[bridge.topic]]\nfilter = "#"\ndirection = "both"\n'
    with tempfile.NamedTemporaryFile("w", suffix=".toml", delete=False) as file:
        file.write(f'[[listener]]\nurl = "mqtt://127.0.0.1:0"\n[[bridge]]\nname = "test"\n'
                   f'address = "{url}:{remote_port}"\nretry_min_s = 0.2\nretry_max_s = 0.5\n'
                   f'{extra}\n{topics}')
    process = Process([program, "run", file.name])
    line = process.line(15)
    while not line.startswith("ready"):
        line = process.line(15)
    os.unlink(file.name)
    return Listening(process, int(line.rsplit(":", 1)[1].split("/")[0]), program)


def wait_connected(broker, topic="$SYS/broker/connection/test/state"):
    """Until the bridge has connected and subscribed."""
    retained(broker, topic, lambda state: state == "1", 20)


def mosquitto(*settings):
    """Debian's mosquitto on a port of its own, with these lines in its configuration."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as config:
        config.write("\n".join([f"listener {port} 127.0.0.1", "allow_anonymous true", *settings, ""]))
    result = Listening(Process([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", config.name]), port).wait()
    os.unlink(config.name)
    return result


def mosquitto_bridge(remote_port, version, topic="# both 2"):
    return mosquitto("connection test", f"address 127.0.0.1:{remote_port}", f"topic {topic}",
                     f"remote_clientid {unique('bridge')}", f"bridge_protocol_version {MOSQUITTO_BRIDGE_NAME[version]}",
                     "restart_timeout 1", "cleansession false")


def mosquitto_with_tls(authority):
    """One that wants a certificate of its clients."""
    return mosquitto("require_certificate true", f"cafile {authority.path('ca.pem')}",
                     f"certfile {authority.path('server.pem')}", f"keyfile {authority.path('server.key')}",
                     "use_identity_as_username true", "user root")


def tls_keys(authority, ca="ca.pem"):
    return (f'ca_file = "{authority.path(ca)}"\ncert_file = "{authority.path("anna.pem")}"\n'
            f'key_file = "{authority.path("anna.key")}"')


def retained(broker, topic, wanted, timeout=30):
    """Waits until a topic has a value that `wanted` takes."""
    watch = Process(["stdbuf", "-oL", "mosquitto_sub", "-h", broker.host, "-p", broker.port, "-t", topic, "-i",
                     unique("w")])
    deadline = time.monotonic() + timeout
    while True:
        value = watch.line(timeout)
        if wanted(value):
            watch.kill()
            return value
        require(time.monotonic() < deadline, f"{topic} is still {value!r}")


def aedes():
    port = free_port()
    if not os.path.isdir(os.path.join(HERE, "node_modules", "aedes")):
        raise Skip("aedes is not installed")
    return Listening(Process(["node", os.path.join(HERE, "aedes_broker.js"), str(port)]), port).wait()


def passes_both_ways(near, far, versions=("3.1.1", "5")):
    """Messages of each quality of service arrive at the other side and at one's own, each once and in order."""
    for version in versions:
        make = Make("mosquitto", version)
        for publisher in (near, far):
            base = unique()
            listeners = [Subscriber(make, broker, base) for broker in (near, far)]
            for qos in (0, 1, 2):
                publish_lines(make, publisher, f"{base}/q{qos}", [f"{qos}-{i}" for i in range(20)], qos)
            publish(make, publisher, f"{base}/end", "end", 2)
            for listener in listeners:
                got = [m for m in listener.take(61) if m["topic"].startswith(base)]
                for qos in (0, 1, 2):
                    equal([m["payload"] for m in got if m["topic"] == f"{base}/q{qos}"],
                          [f"{qos}-{i}" for i in range(20)], f"QoS {qos}")
                listener.leave()


class Passage(threading.Thread):
    """A port that nobody listens at until `open`, which then leads to a broker."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target, self.port = target, free_port()

    def run(self):
        with socket.create_server(("127.0.0.1", self.port)) as listener:
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def carry(source, sink):
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                sink.sendall(block)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def add(checks, program):
    for version in BRIDGE_VERSIONS:
        @checks.check(f"bridge to mosquitto by MQTT {version}: both ways, nothing comes back", 120)
        def to_mosquitto(version=version):
            far = Broker("mosquitto", program)
            near = bridging_program(program, far.port, f'version = "{version}"')
            wait_connected(near)
            passes_both_ways(near, far)

        @checks.check(f"bridge of mosquitto to us by MQTT {version}: both ways, nothing comes back", 120)
        def from_mosquitto(version=version):
            near = Broker("actorbus", program)
            far = mosquitto_bridge(near.port, version)
            wait_connected(far, "$SYS/broker/connection/+/state")
            passes_both_ways(near, far)

    @checks.check("bridge to mosquitto: properties pass and response topics are rewritten")
    def properties():
        far = Broker("mosquitto", program)
        topics = ('[[bridge.topic]]\nfilter = "ask/#"\nremote_prefix = "eu/"\n'
                  '[[bridge.topic]]\nfilter = "answer/#"\ndirection = "in"\nremote_prefix = "eu/"\n')
        near = bridging_program(program, far.port, "", topics)
        wait_connected(near)
        make = Make("mosquitto", "5")
        base = unique()
        service = Subscriber(make, far, f"eu/ask/{base}")
        asker = Subscriber(make, near, f"answer/{base}")
        publish(make, near, f"ask/{base}/x", "question", 1,
                properties={"content_type": "text/plain", "response_topic": f"answer/{base}/1", "correlation": "c7"})
        got = service.take(1)[0]
        equal(got["topic"], f"eu/ask/{base}/x", "topic")
        equal(got["properties"]["content_type"], "text/plain", "content type")
        equal(got["properties"]["response_topic"], f"eu/answer/{base}/1", "response topic")
        equal(got["properties"]["correlation"], "c7", "correlation data")
        publish(make, far, got["properties"]["response_topic"], "answer", 1)
        equal(asker.payloads(1), ["answer"], "the answer")

    @checks.check("bridge to mosquitto: QoS 1 and 2 wait while it is away, retained comes retained", 90)
    def store_and_forward():
        far = Broker("mosquitto", program)
        passage = Passage(far.port)
        near = bridging_program(program, passage.port)
        make = Make("mosquitto", "3.1.1")
        base = unique()
        early = Subscriber(make, far, base)
        for qos in (1, 2):
            publish_lines(make, near, f"{base}/q{qos}", [str(i) for i in range(50)], qos)
        publish(make, near, f"{base}/kept", "kept", 1, True)
        passage.start()
        got = early.take(101, 30)
        for qos in (1, 2):
            equal([m["payload"] for m in got if m["topic"] == f"{base}/q{qos}"], [str(i) for i in range(50)],
                  f"QoS {qos}")
        late = Subscriber(make, far, base, filters=[f"{base}/kept"])
        kept = late.take(1)[0]
        equal((kept["topic"], kept["payload"], kept["retain"]), (f"{base}/kept", "kept", True), "what is retained")

    @checks.check("bridge to mosquitto over TLS, each side known by its certificate", 90)
    def over_tls():
        with authority_here() as authority:
            far = mosquitto_with_tls(authority)
            topics = ('[[bridge.topic]]\nfilter = "up/#"\n'
                      '[[bridge.topic]]\nfilter = "up/#"\ndirection = "in"\nlocal_prefix = "back/"\n')
            near = bridging_program(program, far.port, tls_keys(authority) + '\nversion = "3.1.1"\ntry_private = false',
                                    topics, "mqtts://localhost")
            wait_connected(near)
            make = Make("mosquitto", "5")
            base = unique()
            listener = Subscriber(make, near, f"back/up/{base}")
            for qos in (1, 2):
                publish_lines(make, near, f"up/{base}/q{qos}", [str(i) for i in range(20)], qos)
            got = listener.take(40)
            for qos in (1, 2):
                equal([m["payload"] for m in got if m["topic"].endswith(f"q{qos}")], [str(i) for i in range(20)],
                      f"round trip at QoS {qos}")

    @checks.check("bridge to mosquitto over TLS: who is not trusted, and why, is told, and it is not a spin", 90)
    def distrusted():
        with authority_here() as authority, authority_here() as other:
            far = mosquitto_with_tls(authority)
            state = "$SYS/broker/connection/test/"
            near = bridging_program(program, far.port, tls_keys(authority).replace(authority.path("ca.pem"),
                                                                                   other.path("ca.pem")),
                                    url="mqtts://localhost")
            retained(near, state + "error", lambda text: "the server's certificate is refused" in text)
            used = cpu_seconds(near.process.popen.pid)
            time.sleep(2)
            require(cpu_seconds(near.process.popen.pid) - used < 0.5, "it spins")
            near = bridging_program(program, far.port, f'ca_file = "{authority.path("ca.pem")}"',
                                    url="mqtts://localhost")
            retained(near, state + "error", lambda text: "certificate" in text)

    @checks.check("bridge to aedes, which knows no MQTT 5: falls back, both ways by prefixes", 90)
    def to_aedes():
        far = aedes()
        topics = ('[[bridge.topic]]\nfilter = "up/#"\n'
                  '[[bridge.topic]]\nfilter = "down/#"\ndirection = "in"\n')
        near = bridging_program(program, far.port, "", topics)
        wait_connected(near)
        equal(retained(near, "$SYS/broker/connection/test/version", lambda _: True), "3.1.1", "the version")
        make = Make("mosquitto", "3.1.1")
        for way, source, target in (("up", near, far), ("down", far, near)):
            base = f"{way}/{unique()}"
            listener = Subscriber(make, target, base)
            for qos in (0, 1, 2):
                publish_lines(make, source, f"{base}/q{qos}", [str(i) for i in range(20)], qos)
            got = listener.take(60)
            for qos in (1, 2):
                equal([m["payload"] for m in got if m["topic"] == f"{base}/q{qos}"], [str(i) for i in range(20)],
                      f"{way} at QoS {qos}")

    @checks.check("bridge to a second actorbus: both ways, nothing comes back", 120)
    def to_actorbus():
        far = Broker("actorbus", program)
        near = bridging_program(program, far.port)
        wait_connected(near)
        passes_both_ways(near, far)
