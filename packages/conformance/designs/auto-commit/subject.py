#!/usr/bin/env python3
"""The consumer that everybody writes first, as a subject: confluent-kafka with its defaults, so with auto-commit.

  python3 subject.py          one record after the other, in the poll loop
  python3 subject.py --pool   records go to a pool of threads, so that slow ones do not keep the others waiting
"""
import base64, hashlib, json, os, platform, signal, sys, threading
from concurrent.futures import ThreadPoolExecutor
from confluent_kafka import Consumer, version

POOL = "--pool" in sys.argv
HELLO = {
    "protocol": 1, "spec": "1.0.0", "name": "auto-commit-pool" if POOL else "auto-commit", "version": "0.1.0",
    "language": "python", "runtime": f"CPython {platform.python_version()}",
    "client": {"name": "confluent-kafka", "version": version()},
    "capabilities": {"groupProtocol": ["classic"], "rebalance": ["eager"], "startAt": True,
                     "ordering": ["none"] if POOL else []},
}
finished = {}
stopping = threading.Event()
ids = iter(range(1, sys.maxsize))
out = threading.Lock()


def say(**message):
    with out:
        os.write(1, (json.dumps(message) + "\n").encode())


def handle(record, epoch):
    key, value, h = record.key(), record.value(), str(next(ids))
    done = finished[h] = threading.Event()
    say(ev="begin", h=h, epoch=str(epoch), t=record.topic(), p=record.partition(), o=str(record.offset()), attempt=1,
        key=None if key is None else base64.b64encode(key).decode(),
        vh=None if value is None else base64.b64encode(hashlib.sha256(value).digest()[:16]).decode())
    done.wait()


def consume(config):
    epochs = {"now": 0}

    def assigned(_, partitions):
        epochs["now"] += 1
        say(ev="assigned", epoch=str(epochs["now"]), partitions=[[of.topic, of.partition] for of in partitions])

    consumer = Consumer({
        "bootstrap.servers": ",".join(config["brokers"]), "group.id": config["group"], "client.id": config["member"],
        "session.timeout.ms": config["sessionTimeoutMs"], "heartbeat.interval.ms": config["heartbeatMs"],
        "auto.offset.reset": config["startAt"],
        # The default is 5000; as often as the other subjects commit, so that a case need not wait for it.
        "auto.commit.interval.ms": config["commitIntervalMs"],
    })
    consumer.subscribe(config["topics"], on_assign=assigned)
    pool = ThreadPoolExecutor(config["concurrency"]) if POOL else None
    while not stopping.is_set():
        record = consumer.poll(0.1)
        if record is None:
            continue
        if record.error():
            print(record.error(), file=sys.stderr)
        elif pool:
            pool.submit(handle, record, epochs["now"])
        else:
            handle(record, epochs["now"])
    consumer.close()


def stop(loop, id):
    stopping.set()
    if loop:
        loop.join()
    if id is not None:
        say(id=id, ok={"forced": False})
    os._exit(0)


def main():
    loop = None
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    for line in sys.stdin:
        command = json.loads(line)
        cmd, id = command["cmd"], command.get("id")
        if cmd == "finish":
            finished.pop(command["h"]).set()
        elif cmd == "hello":
            say(id=id, ok=HELLO)
        elif cmd == "start":
            loop = threading.Thread(target=consume, args=[command["config"]], daemon=True)
            loop.start()
            say(id=id, ok={})
        elif cmd == "stop":
            threading.Thread(target=stop, args=[loop, id]).start()
        else:
            say(id=id, error={"code": "unsupported"})
    os._exit(0)


if __name__ == "__main__":
    main()
