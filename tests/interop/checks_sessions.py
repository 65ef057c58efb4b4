"""What outlives a connection: wills, sessions, take-over."""

import time

from clients import Make, Subscriber, all_makes, event, publish, scripted
from harness import equal, require, unique

MOSQUITTO_5 = Make("mosquitto", "5")
HOLDING_SESSIONS = ("mosquitto", "paho-python", "mqtt.js")


def add_will(checks, broker, make):
    @checks.check(f"will: {make} killed publishes it, {make} leaving does not")
    def will():
        base = unique()
        watcher = Subscriber(MOSQUITTO_5, broker, base)
        leaving = Subscriber(make, broker, unique(), will={"topic": f"{base}/will", "payload": "left", "qos": 1})
        leaving.leave()
        # mosquitto_sub leaves with reason code 0x04, disconnect with will message, where MQTT has it.
        before = 1 if (make.kind, make.version) == ("mosquitto", "5") else 0
        equal(watcher.payloads(before), ["left"] * before, "after leaving")
        for qos in (0, 1, 2):
            dying = Subscriber(make, broker, unique(),
                               will={"topic": f"{base}/will", "payload": f"killed {qos}", "qos": qos})
            dying.die()
            equal(watcher.payloads(before + qos + 1)[-1], f"killed {qos}", "the will")
            equal(watcher.messages[-1]["qos"], qos, "the will's QoS")
            equal(watcher.messages[-1]["retain"], False, "the will's retain flag")

    @checks.check(f"retained will: {make}")
    def retained_will():
        base = unique()
        watcher = Subscriber(MOSQUITTO_5, broker, base)
        dying = Subscriber(make, broker, unique(),
                           will={"topic": f"{base}/will", "payload": "kept", "qos": 1, "retain": True})
        dying.die()
        equal(watcher.payloads(1), ["kept"], "the will")
        late = Subscriber(MOSQUITTO_5, broker, base)
        equal(late.payloads(1), ["kept"], "the retained will")
        equal(late.messages[0]["retain"], True, "its retain flag")


def add_session(checks, broker, make):
    for ending in ("leave", "die"):
        @checks.check(f"session: {make} {'leaves' if ending == 'leave' else 'is killed'}, returns and gets what was queued")
        def resume(ending=ending):
            base = unique()
            client_id = unique("c")
            first = Subscriber(make, broker, base, 2, client_id=client_id, clean=False, session_expiry=300)
            if first.session_present is not None:
                equal(first.session_present, False, "session present at first")
            publish(MOSQUITTO_5, broker, f"{base}/m", "live", 0)
            equal(first.payloads(1), ["live"], "while connected")
            getattr(first, ending)()
            for i in range(20):
                publish(MOSQUITTO_5, broker, f"{base}/m", f"queued {i}", 2)
            again = Subscriber(make, broker, base, 2, client_id=client_id, clean=False, session_expiry=300)
            if again.session_present is not None and make.version != "3.1":
                equal(again.session_present, True, "session present at return")
            wanted = [f"queued {i}" for i in range(20)]
            equal(again.payloads(20), wanted, "queued messages")
            publish(MOSQUITTO_5, broker, f"{base}/m", "live again", 1)
            equal(again.payloads(21)[20:], ["live again"], "after the queued ones")

    @checks.check(f"session: {make} starts clean and gets nothing of the old one")
    def clean():
        base = unique()
        client_id = unique("c")
        Subscriber(make, broker, base, 1, client_id=client_id, clean=False, session_expiry=300).leave()
        publish(MOSQUITTO_5, broker, f"{base}/m", "queued", 1)
        again = Subscriber(make, broker, base, 1, client_id=client_id, clean=True)
        publish(MOSQUITTO_5, broker, f"{base}/m", "live", 1)
        equal(again.payloads(1), ["live"], "after a clean start")


def add_expiry(checks, broker):
    for make in (Make("paho-python", "5"), Make("mqtt.js", "5")):
        @checks.check(f"session expiry: {make} returns too late")
        def session_expiry(make=make):
            base = unique()
            client_id = unique("c")
            plan = {"id": client_id, "clean": False, "stay": True, "subscribe": [[f"{base}/#", 1]],
                    "connect_properties": {"session_expiry": 1}}
            first = scripted(make, broker, **plan)
            event(first, "subscribed")
            first.terminate()
            early = scripted(make, broker, **plan)
            equal(event(early, "connected")["session_present"], True, "session present in time")
            early.terminate()
            time.sleep(2.5)
            late = scripted(make, broker, **plan)
            equal(event(late, "connected")["session_present"], False, "session present after 2.5 s of 1 s")

    @checks.check("message expiry: what was queued too long is not delivered, the rest says how long it has")
    def message_expiry():
        base = unique()
        client_id = unique("c")
        Subscriber(MOSQUITTO_5, broker, base, 1, client_id=client_id, clean=False, session_expiry=300).leave()
        publish(MOSQUITTO_5, broker, f"{base}/m", "short", 1, properties={"expiry": 1})
        publish(MOSQUITTO_5, broker, f"{base}/m", "long", 1, properties={"expiry": 300})
        publish(MOSQUITTO_5, broker, f"{base}/m", "for ever", 1)
        time.sleep(2.5)
        again = Subscriber(MOSQUITTO_5, broker, base, 1, client_id=client_id, clean=False, session_expiry=300)
        equal(again.payloads(2), ["long", "for ever"], "after 2.5 s")
        expiry = int(again.messages[0]["properties"]["expiry"])
        require(290 < expiry <= 298, f"the long one says {expiry} s after more than 2 of its 300 s")

    @checks.check("will delay: a return in time cancels the will, a client that stays away has it published")
    def will_delay():
        base = unique()
        watcher = Subscriber(MOSQUITTO_5, broker, base)
        for make in (Make("paho-python", "5"), Make("mqtt.js", "5")):
            client_id = unique("c")
            for name, delay in (("cancelled", 3), ("published", 1)):
                plan = {"id": client_id, "clean": False, "stay": True, "subscribe": [[unique(), 0]],
                        "connect_properties": {"session_expiry": 300},
                        "will": {"topic": f"{base}/will", "payload": f"{name}: {make}", "qos": 1,
                                 "properties": {"will_delay": delay}}}
                process = scripted(make, broker, **plan)
                event(process, "subscribed")
                process.kill()
        time.sleep(4)
        publish(MOSQUITTO_5, broker, f"{base}/will", "the end", 1)
        equal(sorted(watcher.payloads(3)), ["published: mqtt.js 5", "published: paho-python 5", "the end"], "wills")


def add_take_over(checks, broker):
    for make in all_makes(("paho-python", "mqtt.js")):
        @checks.check(f"take-over: {make} connects again with the same client identifier")
        def take_over(make=make):
            base = unique()
            client_id = unique("c")
            plan = {"id": client_id, "clean": True, "stay": True, "subscribe": [[f"{base}/#", 1]]}
            first = scripted(make, broker, **plan)
            event(first, "subscribed")
            second = scripted(make, broker, **plan)
            event(second, "subscribed")
            if make.version == "5":
                name = "disconnect" if make.kind == "mqtt.js" else "closed"
                equal(event(first, name)["reason"], 0x8e, "the first client's DISCONNECT reason")
            else:
                event(first, "closed")
            publish(MOSQUITTO_5, broker, f"{base}/m", "hello", 1)
            equal(event(second, "message")["payload"], "hello", "at the second client")


def add(checks, broker):
    for make in all_makes():
        if make.kind != "paho-cs":
            add_will(checks, broker, make)
    for make in all_makes(HOLDING_SESSIONS):
        add_session(checks, broker, make)
    add_expiry(checks, broker)
    add_take_over(checks, broker)
