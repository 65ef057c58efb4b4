"""Our own clients, `actorbus pub` and `actorbus sub`, with mosquitto's flags and exit codes."""

import subprocess

from clients import FORMAT, VERSIONS, Make, Subscriber, publish, publish_lines
from harness import Broker, Process, Skip, equal, free_port, require, unique

TIMED_OUT = 27


def has_clients(program):
    """Whether the program knows `pub` and `sub` yet."""
    for tool in ("pub", "sub"):
        done = subprocess.run([program, tool, "--help"], capture_output=True, check=False, timeout=10)
        if done.returncode != 0:
            return False
    return True


def add_against(checks, program, where, find_broker):
    """`find_broker` gives the broker when the check runs."""

    def check(name):
        def register(function):
            def guarded():
                if not has_clients(program):
                    raise Skip("the program has no pub and sub")
                function(find_broker())
            checks.add(f"own clients with {where}: {name}", guarded)
            return function
        return register

    for version in VERSIONS:
        own, other = Make("actorbus", version), Make("mosquitto", version)

        @check(f"pub {version} at QoS 0, 1, 2")
        def pub(broker, own=own, other=other):
            base = unique()
            subscriber = Subscriber(other, broker, base)
            for qos in (0, 1, 2):
                publish(own, broker, f"{base}/m", f"q{qos}", qos)
            equal([(m["payload"], m["qos"]) for m in subscriber.take(3)], [("q0", 0), ("q1", 1), ("q2", 2)], "received")

        @check(f"sub {version} at QoS 0, 1, 2")
        def sub(broker, own=own, other=other):
            base = unique()
            subscriber = Subscriber(own, broker, base)
            for qos in (0, 1, 2):
                publish(other, broker, f"{base}/m", f"q{qos}", qos)
            equal([(m["payload"], m["qos"]) for m in subscriber.take(3)], [("q0", 0), ("q1", 1), ("q2", 2)], "received")

        @check(f"pub {version} -r and -r -n")
        def retained(broker, own=own, other=other):
            base = unique()
            publish(own, broker, f"{base}/m", "kept", 1, True)
            late = Subscriber(other, broker, base)
            equal([(m["payload"], m["retain"]) for m in late.take(1)], [("kept", True)], "received")
            publish(own, broker, f"{base}/m", "", 1, True)
            later = Subscriber(other, broker, base)
            publish(own, broker, f"{base}/m", "next", 1)
            equal(later.payloads(1), ["next"], "after removal")

        @check(f"a thousand lines from pub {version} -l to sub {version}")
        def lines(broker, own=own):
            base = unique()
            subscriber = Subscriber(own, broker, base)
            wanted = [f"line {i}" for i in range(1000)]
            publish_lines(own, broker, f"{base}/m", wanted, 1)
            require(subscriber.payloads(1000) == wanted, "another order")

        @check(f"sub {version} killed: its will")
        def will(broker, own=own, other=other):
            base = unique()
            watcher = Subscriber(other, broker, base)
            dying = Subscriber(own, broker, unique(), will={"topic": f"{base}/will", "payload": "gone", "qos": 1})
            dying.die()
            equal(watcher.payloads(1), ["gone"], "the will")

        @check(f"sub {version} -c: the session is resumed")
        def session(broker, own=own, other=other):
            base = unique()
            client_id = unique("c")
            Subscriber(own, broker, base, 1, client_id=client_id, clean=False, session_expiry=300).leave()
            publish(other, broker, f"{base}/m", "queued", 1)
            again = Subscriber(own, broker, base, 1, client_id=client_id, clean=False, session_expiry=300)
            equal(again.payloads(1), ["queued"], "received")

    @check("properties of MQTT 5 both ways")
    def properties(broker):
        base = unique()
        sent = {"content_type": "text/plain", "response_topic": "answer", "correlation": "c-1", "expiry": 300,
                "format": 1, "user": [["colour", "blue"]]}
        for sender, receiver in (("actorbus", "mosquitto"), ("mosquitto", "actorbus")):
            subscriber = Subscriber(Make(receiver, "5"), broker, base)
            publish(Make(sender, "5"), broker, f"{base}/m", "hello", 1, properties=sent)
            got = dict(subscriber.take(1)[0]["properties"])
            require(0 < int(got.pop("expiry")) <= 300, "message expiry")
            equal(got, {"content_type": "text/plain", "response_topic": "answer", "correlation": "c-1", "format": "1",
                        "user": "colour:blue"}, f"properties at {receiver}")

    @check("sub -C ends with 0 after so many messages")
    def count(broker):
        base = unique()
        publish(Make("mosquitto", "5"), broker, f"{base}/m", "kept", 1, True)
        process = Process([program, "sub", "-h", broker.host, "-p", broker.port, "-t", f"{base}/#", "-C", "1", "-v"])
        equal(process.line(), f"{base}/m kept", "standard output")
        equal(process.wait(), 0, "exit code")

    @check("sub -W ends with 27 when nothing came in time")
    def timeout(broker):
        process = Process([program, "sub", "-h", broker.host, "-p", broker.port, "-t", unique(), "-W", "1", "-C", "1"])
        equal(process.wait(30), TIMED_OUT, "exit code")

    @check("sub and pub -L take a URL with the topic as path")
    def url(broker):
        topic = unique()
        where_to = f"mqtt://{broker.host}:{broker.port}/{topic}"
        Process([program, "pub", "-L", where_to, "-m", "by URL", "-r", "-q", "1"]).done()
        process = Process([program, "sub", "-L", where_to, "-C", "1", "-F", FORMAT])
        require(process.line().endswith("|by URL"), "another message")
        equal(process.wait(), 0, "exit code")


def add(checks, broker):
    if not broker.program:
        return
    others = []

    def mosquitto():
        others.append(Broker("mosquitto", broker.program))
        return others[-1]

    if broker.make == "actorbus":
        add_against(checks, broker.program, "actorbus", lambda: broker)
    add_against(checks, broker.program, "mosquitto", mosquitto)

    @checks.check("own clients: nobody listens")
    def nobody():
        if not has_clients(broker.program):
            raise Skip("the program has no pub and sub")
        port = free_port()
        process = Process([broker.program, "pub", "-h", "127.0.0.1", "-p", port, "-t", "t", "-m", "m"])
        require(process.wait(30) > 0, "the exit code is 0")
        equal(len(process.errors), 1, f"lines on standard error ({process.errors})")
        require(str(port) in process.errors[0], f"the port is not named in: {process.errors[0]}")

    @checks.check("own clients: shared memory carries every quality of service, beside TCP")
    def shared_memory():
        name = unique()
        program = broker.program
        server = Process([program, "run", "-l", f"shm://{name}", "-l", "mqtt://127.0.0.1:0"])
        ready = server.line()
        require(ready.startswith(f"ready shm://{name} mqtt://127.0.0.1:"), f"said: {ready}")
        port = ready.rsplit(":", 1)[1]
        for qos in ("0", "1", "2"):
            Process([program, "pub", "-L", f"shm://{name}/a/b", "-m", f"message {qos}", "-q", qos, "-r"]).done()
        over_shm = Process([program, "sub", "-L", f"shm://{name}/a/b", "-q", "2", "-C", "1"])
        equal(over_shm.line(), "message 2", "the retained message over shared memory")
        equal(over_shm.wait(), 0, "exit code")
        over_tcp = Process([program, "sub", "-h", "127.0.0.1", "-p", port, "-t", "a/#", "-q", "2", "-C", "1"])
        equal(over_tcp.line(), "message 2", "the same over TCP")

    @checks.check("own clients: a shared-memory name that nobody has taken")
    def nobody_in_memory():
        name = unique()
        process = Process([broker.program, "pub", "-L", f"shm://{name}/t", "-m", "m"])
        require(process.wait(30) > 0, "the exit code is 0")
        require(f"shm://{name}" in process.errors[0], f"the name is not in: {process.errors[0]}")
