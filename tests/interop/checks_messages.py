"""Messages between every make and version of client: qualities of service, retained, properties, size, order."""

from clients import Make, Subscriber, all_makes, publish, publish_lines, scripted, event
from harness import equal, require, shortened, unique

MOSQUITTO_5 = Make("mosquitto", "5")
WITH_PROPERTIES = [Make("mosquitto", "5"), Make("paho-python", "5"), Make("mqtt.js", "5")]


def shown(subscriber, message, **wanted):
    """Checks QoS and retain flag where the subscriber's make prints them."""
    if subscriber.make.tells_flags:
        for field, value in wanted.items():
            equal(message[field], value, f"{field} at {subscriber.make}")


def add_matrix(checks, broker, make):
    """One publisher, every subscriber."""

    @checks.check(f"QoS 0, 1, 2 and a UTF-8 topic: {make} to every client")
    def matrix():
        base = unique()
        utf8 = f"{base}/wörld/日本/🦊"
        subscribers = Subscriber.many(all_makes(), broker, base)
        for qos in (0, 1, 2):
            publish(make, broker, f"{base}/q{qos}", f"quality {qos}", qos)
        publish(make, broker, utf8, "grüße 🦊", 1)
        for subscriber in subscribers:
            got = {message["topic"]: message for message in subscriber.take(4)}
            equal({topic: message["payload"] for topic, message in got.items()},
                  {f"{base}/q0": "quality 0", f"{base}/q1": "quality 1", f"{base}/q2": "quality 2", utf8: "grüße 🦊"},
                  f"at {subscriber.make}")
            for qos in (0, 1, 2):
                shown(subscriber, got[f"{base}/q{qos}"], qos=qos, retain=False)

    @checks.check(f"retained: {make} to every client, replaced and removed")
    def retained():
        base = unique()
        publish(make, broker, f"{base}/a", "old", 1, True)
        publish(make, broker, f"{base}/a", "new", 1, True)
        publish(make, broker, f"{base}/b", "other", 0, True)
        publish(make, broker, f"{base}/c", "not retained", 1, False)
        for subscriber in Subscriber.many(all_makes(), broker, base):
            got = sorted((m["topic"], m["payload"]) for m in subscriber.take(2))
            equal(got, [(f"{base}/a", "new"), (f"{base}/b", "other")], f"at {subscriber.make}")
            for message in subscriber.messages:
                shown(subscriber, message, retain=True)
        publish(make, broker, f"{base}/a", "", 1, True)
        publish(make, broker, f"{base}/b", "", 1, True)
        subscriber = Subscriber(MOSQUITTO_5, broker, base)
        publish(make, broker, f"{base}/last", "last", 1)
        equal(subscriber.payloads(1), ["last"], "after removal")

    @checks.check(f"a payload of 1 MB: {make} to every client", timeout=120)
    def large():
        base = unique()
        subscribers = Subscriber.many(all_makes(), broker, base)
        payload = "<" + "x" * (1024 * 1024 - 2) + ">"
        publish(make, broker, f"{base}/large", payload, 1)
        for subscriber in subscribers:
            got = subscriber.payloads(1, 60)[0]
            require(got == payload, f"{subscriber.make} received {len(got)} bytes, {shortened(got, 20)}")


def add_order(checks, broker, make):
    for qos in (0, 1, 2):
        @checks.check(f"1000 messages at QoS {qos} in order: {make} to every client", timeout=120)
        def order(qos=qos):
            base = unique()
            subscribers = Subscriber.many([m for m in all_makes() if m.version != "3.1"], broker, base)
            lines = [f"message {i}" for i in range(1000)]
            publish_lines(make, broker, f"{base}/line", lines, qos)
            for subscriber in subscribers:
                got = subscriber.payloads(1000, 30)
                require(got == lines, f"another order at {subscriber.make}")


def same_properties(subscriber, sent, got):
    """Compares what a client prints with what was published."""
    given = dict(got["properties"])
    if subscriber.make.kind == "mosquitto":
        given["user"] = given.get("user", "")
        wanted = {key: str(value) for key, value in sent.items() if key not in ("user", "expiry")}
        wanted["user"] = " ".join(f"{name}:{text}" for name, text in sent["user"])
    else:
        wanted = {key: value for key, value in sent.items() if key != "expiry"}
    expiry = int(given.pop("expiry", -1))
    equal(given, wanted, f"properties at {subscriber.make}")
    require(0 < expiry <= sent["expiry"], f"message expiry {expiry} of {sent['expiry']} at {subscriber.make}")


def add_properties(checks, broker):
    for make in WITH_PROPERTIES:
        @checks.check(f"properties of MQTT 5: {make} to every client of MQTT 5")
        def properties(make=make):
            base = unique()
            sent = {"content_type": "text/plain", "response_topic": f"{base}/answer", "correlation": "c-1",
                    "expiry": 300, "format": 1, "user": [["colour", "blue"], ["colour", "grün"], ["a", "b"]]}
            subscribers = [Subscriber(other, broker, base) for other in WITH_PROPERTIES]
            old = Subscriber(Make("mosquitto", "3.1.1"), broker, base)
            paho_c = Subscriber(Make("paho-c", "5"), broker, base)
            publish(make, broker, f"{base}/m", "hello", 1, properties=sent)
            for subscriber in subscribers:
                same_properties(subscriber, sent, subscriber.take(1)[0])
            equal(old.take(1)[0]["properties"], {}, "properties at a client of MQTT 3.1.1")
            publish(make, broker, f"{base}/n", "next", 1)
            names = paho_c.take(2)[0]["properties"]
            equal(sorted(names), ["CONTENT_TYPE", "CORRELATION_DATA", "MESSAGE_EXPIRY_INTERVAL",
                                  "PAYLOAD_FORMAT_INDICATOR", "RESPONSE_TOPIC", "USER_PROPERTY"],
                  "properties at paho-c")

    @checks.check("user property and message expiry: paho-c 5 to mosquitto 5")
    def paho_c_properties():
        base = unique()
        subscriber = Subscriber(MOSQUITTO_5, broker, base)
        publish(Make("paho-c", "5"), broker, f"{base}/m", "hello", 1,
                properties={"user": [["k", "v"]], "expiry": 100})
        got = subscriber.take(1)[0]["properties"]
        equal(got["user"], "k:v", "user property")
        require(0 < int(got["expiry"]) <= 100, f"message expiry {got['expiry']}")

    for make in (Make("paho-python", "5"), Make("mqtt.js", "5")):
        @checks.check(f"a subscription identifier: {make}")
        def subscription_identifier(make=make):
            base = unique()
            process = scripted(make, broker, stay=True, subscribe=[[f"{base}/#", 1]],
                               subscribe_properties={"subscription_id": 1234})
            event(process, "subscribed")
            publish(MOSQUITTO_5, broker, f"{base}/m", "hello", 1)
            equal(event(process, "message")["properties"], {"subscription_ids": [1234]}, "properties")


def add_subscriptions(checks, broker):
    @checks.check("wildcards: every client, its filter and no more")
    def wildcards():
        for make in all_makes(("mosquitto", "paho-python", "mqtt.js")):
            base = unique()
            subscriber = Subscriber(make, broker, base, filters=[f"{base}/+/temperature", f"{base}/ready",
                                                                 f"{base}/attic/#"])
            for topic in ("kitchen/temperature", "kitchen/humidity", "kitchen/oven/temperature", "attic",
                          "attic/window/left"):
                publish(MOSQUITTO_5, broker, f"{base}/{topic}", topic, 1)
            publish(MOSQUITTO_5, broker, f"{base}/attic/last", "last", 1)
            equal(subscriber.payloads(4), ["kitchen/temperature", "attic", "attic/window/left", "last"], f"at {make}")
            subscriber.leave()

    @checks.check("a shared subscription: each message goes to one of three makes")
    def shared():
        base = unique()
        makes = [Make("mosquitto", "5"), Make("paho-python", "5"), Make("mqtt.js", "5")]
        members = [Subscriber(make, broker, base, filters=[f"$share/group/{base}/work/#"]) for make in makes]
        everyone = Subscriber(MOSQUITTO_5, broker, base)
        lines = [f"task {i}" for i in range(60)]
        publish_lines(MOSQUITTO_5, broker, f"{base}/work/x", lines, 1)
        equal(everyone.payloads(60), lines, "at the one who does not share")
        for member in members:
            publish(MOSQUITTO_5, broker, f"{base}/ready", "over", 1)
        got = []
        while len(got) < 60:
            before = len(got)
            for member in members:
                while True:
                    try:
                        message = member._next(0.3)
                    except Exception:
                        break
                    if isinstance(message, dict) and message["topic"] != member.ready_topic:
                        member.messages.append(message)
            got = [m["payload"] for member in members for m in member.messages]
            require(len(got) > before, f"{len(got)} of 60 messages arrived")
        equal(sorted(got), sorted(lines), "all members together")
        for member in members:
            require(member.messages, f"{member.make} received nothing")


def add(checks, broker):
    for make in all_makes():
        add_matrix(checks, broker, make)
    for make in (Make("mosquitto", "3.1.1"), Make("mosquitto", "5"), Make("paho-python", "3.1.1"),
                 Make("mqtt.js", "5")):
        add_order(checks, broker, make)
    add_properties(checks, broker)
    add_subscriptions(checks, broker)
