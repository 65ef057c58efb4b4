"""A scripted client on paho-mqtt 1.6: reads a plan as JSON from standard input, prints what happens as JSON lines.

The plan and the lines are those of mqttjs_client.js, so that one check drives both.
"""

import json
import signal
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

plan = json.load(sys.stdin)
v5 = plan["version"] == 5
finished = threading.Event()
acknowledged = threading.Semaphore(0)
speaking = threading.Lock()


def say(event, **fields):
    with speaking:  # Paho's thread and this one would tear each other's long lines
        print(json.dumps({"event": event, **fields}), flush=True)


def properties(kind, fields):
    if not v5:
        return None
    result = Properties(kind)
    names = {"content_type": "ContentType", "response_topic": "ResponseTopic", "expiry": "MessageExpiryInterval",
             "format": "PayloadFormatIndicator", "session_expiry": "SessionExpiryInterval",
             "will_delay": "WillDelayInterval", "receive_maximum": "ReceiveMaximum",
             "subscription_id": "SubscriptionIdentifier"}
    for key, value in fields.items():
        if key == "user":
            for pair in value:
                result.UserProperty = tuple(pair)
        elif key == "correlation":
            result.CorrelationData = value.encode()
        else:
            setattr(result, names[key], value)
    return result


def properties_of(message):
    if not v5 or message.properties is None:
        return {}
    names = {"ContentType": "content_type", "ResponseTopic": "response_topic", "MessageExpiryInterval": "expiry",
             "PayloadFormatIndicator": "format"}
    result = {short: getattr(message.properties, name) for name, short in names.items()
              if hasattr(message.properties, name)}
    if hasattr(message.properties, "CorrelationData"):
        result["correlation"] = message.properties.CorrelationData.decode()
    if hasattr(message.properties, "UserProperty"):
        result["user"] = [list(pair) for pair in message.properties.UserProperty]
    if hasattr(message.properties, "SubscriptionIdentifier"):
        result["subscription_ids"] = message.properties.SubscriptionIdentifier
    return result


def number(code):
    return code.value if hasattr(code, "value") else int(code)


def on_connect(client, userdata, flags, code, *rest):
    say("connected", session_present=bool(flags["session present"]), code=number(code))
    if number(code) != 0:
        finished.set()
    elif plan.get("subscribe"):
        if v5:
            extra = properties(PacketTypes.SUBSCRIBE, plan.get("subscribe_properties", {}))
            client.subscribe([(f, SubscribeOptions(qos=q)) for f, q in plan["subscribe"]], properties=extra)
        else:
            client.subscribe([(f, q) for f, q in plan["subscribe"]])
    else:
        threading.Thread(target=publish_all, daemon=True).start()


def on_subscribe(client, userdata, mid, codes, *rest):
    say("subscribed", codes=[number(code) for code in codes])
    threading.Thread(target=publish_all, daemon=True).start()


def on_message(client, userdata, message):
    say("message", topic=message.topic, payload=message.payload.decode(), qos=message.qos,
        retain=bool(message.retain), properties=properties_of(message))


def on_publish(client, userdata, mid):
    acknowledged.release()


def on_disconnect(client, userdata, code, *rest):
    say("closed", reason=number(code))
    finished.set()


def publish_all():
    messages = plan.get("publish", [])
    for one in messages:
        payload = "x" * one["payload_size"] if "payload_size" in one else one["payload"]
        client.publish(one["topic"], payload, one.get("qos", 0), one.get("retain", False),
                       properties(PacketTypes.PUBLISH, one.get("properties", {})))
    for _ in messages:
        acknowledged.acquire()
    if messages:
        say("published", count=len(messages))
    if not plan.get("stay"):
        client.disconnect()


version = {3: mqtt.MQTTv31, 4: mqtt.MQTTv311, 5: mqtt.MQTTv5}[plan["version"]]
clean = plan.get("clean", True)
road = plan.get("protocol", "mqtt")
client = mqtt.Client(plan["id"], None if v5 else clean, protocol=version, reconnect_on_failure=False,
                     transport="websockets" if road.startswith("ws") else "tcp")
if "cafile" in plan:
    client.tls_set(plan["cafile"])
client.max_inflight_messages_set(1000)
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.on_publish = on_publish
client.on_disconnect = on_disconnect
if plan.get("will"):
    will = plan["will"]
    client.will_set(will["topic"], will["payload"], will.get("qos", 0), will.get("retain", False),
                    properties(PacketTypes.WILLMESSAGE, will.get("properties", {})))
signal.signal(signal.SIGTERM, lambda *_: client.disconnect())
options = {"clean_start": clean, "properties": properties(PacketTypes.CONNECT, plan.get("connect_properties", {}))}
client.connect(plan["host"], plan["port"], plan.get("keepalive", 60), **(options if v5 else {}))
client.loop_start()
while not finished.wait(0.2):
    pass
client.loop_stop()
