#!/usr/bin/env python3
"""Kills one side of a shared-memory link at a random point, again and again (ACTORBUS_KILLS times, 40 if not said):
the others go on, the name can be used again, and the side that lives holds no more than before."""

import os
import random
import signal
import subprocess
import sys
import time

PROGRAM = os.environ["ACTORBUS_PROGRAM"]
KILLS = int(os.environ.get("ACTORBUS_KILLS", "40"))
SEED = int(os.environ.get("ACTORBUS_SEED", "1"))
NAME = f"kill-{os.getpid()}"
URL = f"shm://{NAME}"
PATIENCE_S = 30


children = []


def spawn(*command, **options):
    child = subprocess.Popen(command, **options)
    children.append(child)
    return child


def start(*arguments, **options):
    return spawn(PROGRAM, *arguments, **options)


def start_broker():
    broker = start("run", "-l", URL, stdout=subprocess.PIPE, text=True)
    line = broker.stdout.readline()
    if line != f"ready {URL}\n":
        sys.exit(f"the broker is not ready: {line!r}")
    return broker


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    children.remove(process)


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def resident_kb(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def wait_until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not in time: {what}")
        time.sleep(0.005)


def flood(lines):
    """A client that publishes from a file of its own for as long as it lives."""
    return start("pub", "-L", f"{URL}/flood", "-l", "-q", "1", "--quiet", stdin=lines, stderr=subprocess.DEVNULL)


def publish(text):
    subprocess.run([PROGRAM, "pub", "-L", f"{URL}/marker", "-q", "2", "-m", text], check=True, timeout=PATIENCE_S)


def endless():
    return spawn("yes", "x" * 500, stdout=subprocess.PIPE)


def kill_clients(chance):
    broker = start_broker()
    others = start("sub", "-L", URL, "-t", "marker", "-q", "2", stdout=subprocess.PIPE, text=True)
    source = endless()
    before, memory = 0, 0
    for turn in range(KILLS):
        victim = flood(source.stdout)
        time.sleep(chance.uniform(0, 0.04))
        kill(victim)
        if turn % 10 == 0 or turn == KILLS - 1:
            publish(f"{turn}")
            if others.stdout.readline() != f"{turn}\n":
                sys.exit("another client's message was lost")
        if turn == 10:
            wait_until("the killed clients' descriptors", lambda: descriptors(broker) <= 40)
            before, memory = descriptors(broker), resident_kb(broker)
    if KILLS > 10:
        wait_until(f"{before} descriptors as before", lambda: descriptors(broker) <= before)
        grown = resident_kb(broker) - memory
        if grown > 16 * 1024:
            sys.exit(f"the broker has grown by {grown} KB")
    kill(source)
    kill(others)
    broker.send_signal(signal.SIGTERM)
    if broker.wait(PATIENCE_S) != 0:
        sys.exit("the broker did not end well")


def kill_brokers(chance):
    for _ in range(max(1, KILLS // 4)):
        broker = start_broker()
        source = endless()
        client = flood(source.stdout)
        time.sleep(chance.uniform(0, 0.06))
        kill(broker)
        kill(source)
        try:
            client.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            kill(client)
            sys.exit("a client did not notice that its broker was killed")


def main():
    chance = random.Random(SEED)
    try:
        kill_clients(chance)
        kill_brokers(chance)
    finally:
        for child in list(children):
            kill(child)
    print(f"ok: killed {KILLS} clients and {max(1, KILLS // 4)} brokers, seed {SEED}")


main()
