"""The foreign clients behind one face: publish, and a Subscriber that collects what it receives."""

import json
import os
import re
import shutil
import tempfile

from harness import HERE, Failure, Process, require, unique

VERSIONS = ("3.1", "3.1.1", "5")
LEVEL = {"3.1": 3, "3.1.1": 4, "5": 5}
MOSQUITTO_NAME = {"3.1": "mqttv31", "3.1.1": "mqttv311", "5": "mqttv5"}
PAHO_C_NAME = {"3.1": "31", "3.1.1": "311", "5": "5"}

# Fields of a message as mosquitto_sub prints them; the payload is last, for it may hold anything but a line's end.
FORMAT = "M|%q|%r|%t|%C|%R|%D|%E|%F|%S|%P|%p"


class Make:
    """One make of client at one version of MQTT."""

    def __init__(self, kind, version):
        self.kind = kind
        self.version = version

    def __str__(self):
        return f"{self.kind} {self.version}"

    @property
    def scripted(self):
        return self.kind in ("paho-python", "mqtt.js")

    @property
    def tells_flags(self):
        """Whether a subscriber of this make prints QoS and retain flag."""
        return self.kind in ("mosquitto", "actorbus", "paho-python", "mqtt.js")


def all_makes(kinds=("mosquitto", "paho-c", "paho-cs", "paho-python", "mqtt.js")):
    return [Make(kind, version) for kind in kinds for version in VERSIONS if (kind, version) != ("paho-cs", "5")]


def mosquitto_command(make, broker, tool):
    if make.kind == "actorbus":
        return [broker.program, tool]
    return [f"mosquitto_{tool}"]


def scripted_command(make):
    if make.kind == "mqtt.js":
        return ["node", os.path.join(HERE, "mqttjs_client.js")]
    return ["/usr/bin/python3", os.path.join(HERE, "paho_client.py")]


def scripted(make, broker, **plan):
    """Starts a client that follows a plan; its lines are JSON."""
    whole = {"host": broker.host, "port": broker.port, "version": LEVEL[make.version], "id": unique("s"), **plan}
    return Process(scripted_command(make), stdin=json.dumps(whole).encode())


def event(process, name, timeout=15):
    """The next event of that name; other events are dropped."""
    while True:
        found = json.loads(process.line(timeout))
        if found["event"] == name:
            return found


def mosquitto_properties(properties, command="publish"):
    names = {"content_type": "content-type", "response_topic": "response-topic", "correlation": "correlation-data",
             "expiry": "message-expiry-interval", "format": "payload-format-indicator"}
    result = []
    for key, value in properties.items():
        if key == "user":
            for name, text in value:
                result += ["-D", command, "user-property", name, text]
        else:
            result += ["-D", command, names[key], value]
    return result


def publish(make, broker, topic, payload, qos=0, retain=False, properties=None, program_id=None):
    """Publishes one message and waits until the client has ended."""
    properties = properties or {}
    if make.scripted:
        message = {"topic": topic, "payload": payload, "qos": qos, "retain": retain, "properties": properties}
        process = scripted(make, broker, publish=[message])
        event(process, "published")
        process.done()
        return
    with tempfile.NamedTemporaryFile() as body:
        body.write(payload.encode())
        body.flush()
        if make.kind in ("mosquitto", "actorbus"):
            args = mosquitto_command(make, broker, "pub") + ["-V", MOSQUITTO_NAME[make.version], "-f", body.name]
            args += mosquitto_properties(properties)
        else:
            args = ["paho_c_pub" if make.kind == "paho-c" else "paho_cs_pub", "-V", PAHO_C_NAME[make.version]]
            args += ["-f", body.name]
            for name, text in properties.get("user", []):
                args += ["--user-property", name, text]
            if "expiry" in properties:
                args += ["--message-expiry", properties["expiry"]]
        args += ["-h", broker.host, "-p", broker.port, "-t", topic, "-q", qos, "-i", program_id or unique("p")]
        if retain:
            args.append("-r")
        if not payload:
            args[args.index("-f"):args.index("-f") + 2] = ["-n"]
        Process(args).done()


def publish_lines(make, broker, topic, lines, qos):
    """Publishes many messages over one connection."""
    if make.scripted:
        plan = [{"topic": topic, "payload": line, "qos": qos} for line in lines]
        event(scripted(make, broker, publish=plan), "published", 60)
        return
    args = mosquitto_command(make, broker, "pub") + ["-V", MOSQUITTO_NAME[make.version], "-h", broker.host,
                                                     "-p", broker.port, "-t", topic, "-q", qos, "-l"]
    Process(args, stdin="".join(line + "\n" for line in lines).encode()).done(60)


class Subscriber:
    """A subscriber that is known to be subscribed once the constructor returns.

    `base` is subscribed as `base/#`. That the subscription stands is seen by a retained message at `base/ready`, which
    is not counted among the messages.
    """

    announced = set()

    def __init__(self, make, broker, base, qos=2, filters=None, client_id=None, clean=True, session_expiry=None,
                 will=None, wait=True):
        self.make = make
        self.ready_topic = f"{base}/ready"
        self.messages = []
        if (broker, base) not in Subscriber.announced:
            publish(Make("mosquitto", "3.1.1"), broker, self.ready_topic, "ready", 0, True)
            Subscriber.announced.add((broker, base))
        filters = filters or [f"{base}/#"]
        self.session_present = None
        client_id = client_id or unique("s")
        if make.scripted:
            extra = {"session_expiry": session_expiry} if session_expiry is not None else {}
            self.process = scripted(make, broker, id=client_id, clean=clean, will=will, stay=True,
                                    connect_properties=extra, subscribe=[[f, qos] for f in filters])
        elif make.kind in ("mosquitto", "actorbus"):
            self.process = self._start_mosquitto(broker, qos, filters, client_id, clean, session_expiry, will)
        else:
            self.process = self._start_paho_c(broker, qos, filters, client_id, clean, will)
        if wait:
            self.wait_until_subscribed()

    @classmethod
    def many(cls, makes, broker, base):
        """One of each make, started together."""
        result = [cls(make, broker, base, wait=False) for make in makes]
        for subscriber in result:
            subscriber.wait_until_subscribed()
        return result

    def wait_until_subscribed(self):
        while True:
            message = self._next(15)
            if message == "subscribed":
                return
            if isinstance(message, dict):
                if message["topic"] == self.ready_topic:
                    return
                self.messages.append(message)

    def _start_mosquitto(self, broker, qos, filters, client_id, clean, session_expiry, will):
        args = mosquitto_command(self.make, broker, "sub") + ["-V", MOSQUITTO_NAME[self.make.version], "-h",
                                                              broker.host, "-p", broker.port, "-q", qos, "-i",
                                                              client_id, "-F", FORMAT]
        for one in filters + ([] if f"{self.ready_topic[:-6]}/#" in filters else [self.ready_topic]):
            args += ["-t", one]
        if not clean:
            args.append("-c")
        if session_expiry is not None and self.make.version == "5":
            args += ["-x", session_expiry]
        if will:
            args += ["--will-topic", will["topic"], "--will-payload", will["payload"], "--will-qos",
                     will.get("qos", 0)] + (["--will-retain"] if will.get("retain") else [])
        if self.make.kind == "mosquitto":
            args = ["stdbuf", "-oL", *args]
        return Process(args)

    def _start_paho_c(self, broker, qos, filters, client_id, clean, will):
        require(clean and len(filters) == 1, "paho_c_sub has no sessions and one filter")
        # paho.mqtt.c's --will-retain swallows the argument after it.
        tool = "paho_c_sub" if self.make.kind == "paho-c" else "paho_cs_sub"
        args = [tool, "-V", PAHO_C_NAME[self.make.version], "-h", broker.host, "-p", broker.port, "-q", qos, "-i",
                client_id, "-t", filters[0], "--verbose", "-k", "60"]
        if will:
            args += ["--will-topic", will["topic"], "--will-payload", will["payload"], "--will-qos",
                     will.get("qos", 0)] + (["--will-retain", "yes"] if will.get("retain") else [])
        return Process(["stdbuf", "-oL", *args])

    def _next(self, timeout):
        """The next message, "subscribed", or None for a line that is neither."""
        line = self.process.line(timeout)
        if self.make.scripted:
            found = json.loads(line)
            if found["event"] == "error":
                raise Failure(f"{self.make}: {found['text']}")
            if found["event"] == "connected":
                self.session_present = found["session_present"]
            return found if found["event"] == "message" else found["event"]
        if self.make.kind in ("mosquitto", "actorbus"):
            return self._from_mosquitto(line)
        found = re.match(r"(?:\d+ )?(\S+)\t(.*)$", line)
        if found:
            return {"topic": found[1], "payload": found[2], "properties": {}}
        found = re.match(r"Property name (\S+) (?:key (.*) value|value(?: len)?) (.*)$", line)
        if found and self.messages:
            self.messages[-1]["properties"].setdefault(found[1], []).append((found[2], found[3]))
        return None

    @staticmethod
    def _from_mosquitto(line):
        if not line.startswith("M|"):
            return None
        fields = line.split("|", 11)
        names = ("content_type", "response_topic", "correlation", "expiry", "format", "subscription_ids", "user")
        properties = {name: text for name, text in zip(names, fields[4:11]) if text}
        return {"qos": int(fields[1]), "retain": fields[2] == "1", "topic": fields[3], "payload": fields[11],
                "properties": properties}

    def take(self, count, timeout=20):
        """Waits until that many messages have come, in all, and returns them."""
        while len(self.messages) < count:
            try:
                message = self._next(timeout)
            except Failure as problem:
                raise Failure(f"{self.make} received {len(self.messages)} of {count} messages: {problem}") from None
            if isinstance(message, dict) and message["topic"] != self.ready_topic:
                self.messages.append(message)
        return self.messages

    def payloads(self, count, timeout=20):
        return [message["payload"] for message in self.take(count, timeout)]

    def leave(self):
        """Ends the client by SIGTERM, at which it disconnects cleanly."""
        self.process.terminate()

    def die(self):
        """Ends the client by SIGKILL: the connection breaks."""
        self.process.kill()


def missing():
    """What has to be installed before the checks can run, or nothing."""
    tools = ["mosquitto_pub", "mosquitto_sub", "paho_c_pub", "paho_c_sub", "paho_cs_pub", "paho_cs_sub", "node", "npm"]
    return [tool for tool in tools if not shutil.which(tool)]
