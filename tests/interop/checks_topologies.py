"""The topologies that come along, each as its page has it: processes that join, and what is to be seen there."""

import contextlib
import json
import os
import re
import socket
import tempfile
import threading
import time

from checks_bridges import Listening, Passage
from clients import Make, Subscriber, event, publish, scripted
from harness import HERE, Process, equal, free_port, require

FOLDER = os.path.join(HERE, "..", "..", "demos", "topologies")


class World:
    """Some of the files on ports and paths of their own, which are the same in all files of one world."""

    def __init__(self, program, folder):
        self.program, self.folder, self.ports = program, folder, {}

    def port(self, number):
        return self.ports.setdefault(int(number), free_port())

    def run(self, name, *changes):
        """Runs a file, with texts replaced. @returns the process once it is ready"""
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            text = file.read()
        for before, after in changes:
            require(before in text, f"{name} has no {before!r}")
            text = text.replace(before, after)
        text = re.sub(r"127\.0\.0\.1:(\d+)", lambda found: f"127.0.0.1:{self.port(found[1])}", text)
        text = text.replace("/tmp/", self.folder + "/")
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        process = Process([self.program, "run", path])
        line = process.line(15)
        require(line.startswith("ready"), f"{name} said first: {line}")
        return process

    def at(self, process, number):
        return Listening(process, self.port(number), self.program)


@contextlib.contextmanager
def world(program):
    with tempfile.TemporaryDirectory() as folder:
        yield World(program, folder)


class Uplink(Passage):
    """A port that leads to another, until it is cut: then nobody gets through, and those who are there are cut off."""

    def __init__(self, target):
        super().__init__(target)
        self.is_cut, self.pairs = False, []
        self.listener = socket.create_server(("127.0.0.1", self.port))

    def run(self):
        while True:
            near, _ = self.listener.accept()
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def cut(self):
        self.is_cut = True
        for each in self.pairs:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def heal(self):
        self.is_cut = False


def lines_until(process, *texts, timeout=30):
    """The next lines of output, the last of which has all these texts."""
    deadline = time.monotonic() + timeout
    lines = []
    while not lines or not all(text in lines[-1] for text in texts):
        require(time.monotonic() < deadline, f"no line with {texts} within {timeout} s")
        lines.append(process.line(max(1, deadline - time.monotonic())))
    return lines


def line_with(process, *texts):
    return lines_until(process, *texts)[-1]


def next_message(watch, accept, timeout=30):
    """The next message of a scripted client that `accept` takes."""
    deadline = time.monotonic() + timeout
    while True:
        found = event(watch, "message", timeout)
        if accept(found):
            return found
        require(time.monotonic() < deadline, "what was awaited did not come")


def watching(broker, *filters, make="mqtt.js", **plan):
    process = scripted(Make(make, "5"), broker, subscribe=[[each, 1] for each in filters], stay=True, **plan)
    event(process, "subscribed")
    return process


def add(checks, program):
    @checks.check("topology factory: machines, tool, dashboard and plant share one bus", 90)
    def factory():
        with world(program) as it:
            plant = it.run("factory_plant.toml")
            it.run("factory.toml")
            dashboard = Process(["node", os.path.join(HERE, "run_dashboard.js"),
                                 os.path.join(FOLDER, "dashboard.js"), f"ws://127.0.0.1:{it.port(18902)}/mqtt"])
            equal(dashboard.line(20), "up", "the dashboard's state")
            state = json.loads(line_with(dashboard, "factory/oven/state").split(" ", 1)[1])
            require(state["heater"] in ("on", "off") and 15 < state["temperature"] < 120, f"an odd oven: {state}")
            tool = Process([program, "sub", "-L", f"unix://{it.folder}/actorbus-factory.sock", "-t", "factory/+/state",
                            "-C", "2"])
            require(json.loads(tool.line(20))["heater"] in ("on", "off"), "the tool sees no heater")
            tool.done()
            # An order comes down, is done, and is on the dashboard; a report goes up under its other name.
            order = line_with(dashboard, "orders/")
            number = re.match(r"orders/(\d+) order \1: \d+ loaves$", order)
            require(number, f"an odd order: {order}")
            line_with(dashboard, f"factory/done/{int(number[1]) + 1} done: order {int(number[1]) + 1}")
            report = json.loads(re.search(r"{.*}", line_with(plant, "sites/north/oven/report"))[0])
            require(report["min"] <= report["mean"] <= report["max"] and report["of"] > 0, f"an odd report: {report}")

    @checks.check("topology edge: what the gateway keeps while its uplink is cut comes later, and nothing is lost", 90)
    def edge():
        with world(program) as it:
            cloud = it.run("cloud.toml")
            uplink = Uplink(it.port(18881))
            uplink.start()
            it.ports[18881] = uplink.port
            far = Listening(cloud, uplink.target, program)
            seen = watching(far, "edge-7/machines/press/state")
            gateway = it.at(it.run("edge.toml", ("rate = 5", "rate = 50")), 18882)
            near = watching(gateway, "$SYS/broker/connection/uplink/queued")
            numbers = []

            def take(until):
                while not numbers or numbers[-1] < until:
                    numbers.append(json.loads(event(seen, "message", 30)["payload"])["n"])

            take(50)
            uplink.cut()
            next_message(near, lambda message: int(message["payload"]) > 100)
            uplink.heal()
            take(numbers[-1] + 200)
            first = numbers[0]
            equal(sorted(set(numbers)), list(range(first, numbers[-1] + 1)), "what the cloud has")
            line_with(cloud, "books: check/press", "lost 0")

    @checks.check("topology ring: every site hears every other site's messages, each once", 90)
    def ring():
        with world(program) as it:
            faster = ("interval_s = 1\n\n[[participant]]", "interval_s = 0.1\n\n[[participant]]")
            sites = {}
            for name, number in (("a", 18871), ("b", 18872), ("c", 18873)):
                site = it.at(it.run(f"ring_{name}.toml", faster), number)
                sites[name] = (site, watching(site, "news/#", "$SYS/broker/connection/+/looped"))
            heard = {name: {} for name in sites}
            for name, (_, watch) in sites.items():
                looped = 0
                while min([len(heard[name].get(f"news/{each}", [])) for each in sites]) < 40 or looped < 10:
                    message = event(watch, "message", 30)
                    if message["topic"].startswith("$SYS"):
                        looped = int(message["payload"])
                    else:
                        heard[name].setdefault(message["topic"], []).append(int(message["payload"]))
            for name, topics in heard.items():
                for topic, numbers in topics.items():
                    equal(numbers, list(range(numbers[0], numbers[0] + len(numbers))), f"{topic} at {name}")

    @checks.check("topology oracle: requests are answered across two bridges, and foreign clients may ask", 90)
    def oracle():
        with world(program) as it:
            hub = it.at(it.run("ask_hub.toml"), 18891)
            passing = watching(hub, "north/ask/#")
            it.run("ask_south.toml")
            north = it.run("ask_north.toml", ('[[bridge]]', '[[listener]]\nurl = "mqtt://127.0.0.1:18890"\n\n[[bridge]]'),
                           ("report_s = 5", "report_s = 1"))
            request = next_message(passing, lambda message: message["topic"] == "north/ask/square")
            equal(request["properties"]["response_topic"], "north/reply/clerk", "the response topic on the hub")
            client = it.at(north, 18890)
            report = watching(client, "report")
            found = json.loads(next_message(
                report, lambda message: json.loads(message["payload"])["answered"] >= 10)["payload"])
            require(10 <= found["mean_ms"] < 5000, f"an odd latency: {found}")
            mine = watching(client, "reply/mine")
            publish(Make("mosquitto", "5"), client, "ask/square", "12", 1,
                    properties={"response_topic": "reply/mine", "correlation": "c12"})
            answer = event(mine, "message", 20)
            equal(json.loads(answer["payload"]), {"of": 12, "square": 144}, "the answer")
            equal(answer["properties"]["correlation"], "c12", "correlation data")

    @checks.check("topology captain: a session goes from memory to TCP and back, and no wave is missing", 90)
    def captain():
        with world(program) as it:
            ship = it.run("takeover.toml", ("after_s = 15, for_s = 15", "after_s = 3, for_s = 6, times = 1"),
                          ("interval_s = 1\n\n[[participant]]", "interval_s = 0.2\n\n[[participant]]"))
            bus = it.at(ship, 18862)
            log = lines_until(ship, 'participant "captain" is disconnected')
            me = scripted(Make("mqtt.js", "5"), bus, id="captain", clean=False, stay=True,
                          connect_properties={"session_expiry": 600})
            equal(event(me, "connected")["session_present"], True, "session present")
            waves = set()
            while True:
                found = json.loads(me.line(20))
                if found["event"] == "message":
                    waves.add(int(found["payload"].split()[1]))
                elif found["event"] == "disconnect":
                    equal(found["reason"], 0x8E, "the reason")
                    break
            require(len(waves) >= 10, f"only {len(waves)} waves came by TCP")
            log += lines_until(ship, f"captain: sea/waves wave {max(waves) + 5}")
            both = waves | {int(found) for found in re.findall(r"captain: sea/waves wave (\d+)", "\n".join(log))}
            equal(sorted(both), list(range(min(both), max(both) + 1)), "waves in either log")

    @checks.check("topology slow one: others are not disturbed, and its losses are events", 90)
    def slow():
        with world(program) as it:
            bus = it.at(it.run("slow.toml"), 18861)
            events = watching(bus, "$SYS/broker/events/dropped", "$SYS/broker/store/messages/count")
            quick = watching(bus, "news")
            lost = json.loads(next_message(events, lambda one: one["topic"].endswith("dropped"))["payload"])
            equal((lost["client"], lost["code"]), ("slow", 0x97), "who loses messages, and why")
            numbers = [int(event(quick, "message")["payload"].split()[1]) for _ in range(100)]
            equal(numbers, list(range(numbers[0], numbers[0] + 100)), "at the one who is quick")
            stored = next_message(events, lambda one: one["topic"].endswith("count") and int(one["payload"]) >= 100)
            require(int(stored["payload"]) < 150, f"{stored['payload']} messages are kept")
