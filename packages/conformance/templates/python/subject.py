#!/usr/bin/env python3
"""A subject of the conformance suite around confluent-kafka: a template to begin with.

Records of a partition are handled one after the other, partitions side by side. The main thread does all
the work; another one reads standard input. docs/test-your-own-consumer.md says what the lines mean.
"""
import base64, hashlib, json, platform, queue, signal, sys, threading, time
from collections import deque
from confluent_kafka import Consumer, TopicPartition, version

BUFFERED = 100  # records of a partition that are fetched and not begun; beyond, it is paused
HELLO = {
    "protocol": 1, "spec": "1.0.0", "name": "python-template", "version": "0.1.0", "language": "python",
    "runtime": f"CPython {platform.python_version()}", "client": {"name": "confluent-kafka", "version": version()},
    "capabilities": {"groupProtocol": ["classic"], "rebalance": ["eager", "cooperative"], "startAt": True,
                     "ordering": ["partition"], "graceful": True},
}

class Partition:
    def __init__(self, topic, number, epoch):
        self.id, self.epoch = (topic, number), epoch  # the epoch names this assignment
        self.waiting, self.paused = deque(), False
        self.record = self.handle = None  # what is being handled
        self.done = None  # one behind the last finished record: one after the other, so all below are finished
        self.sent = None  # the last offset committed or on its way

def say(**message):
    print(json.dumps(message), flush=True)

class Subject:
    def __init__(self):
        self.commands, self.partitions, self.consumer, self.begun, self.epoch = queue.Queue(), {}, None, 0, 0

    def start(self, config):
        self.config = config
        self.consumer = Consumer({
            "bootstrap.servers": ",".join(config["brokers"]), "group.id": config["group"],
            "client.id": config["member"],  # the runner tells members apart by it
            "partition.assignment.strategy": config["assignor"],
            "session.timeout.ms": config["sessionTimeoutMs"], "heartbeat.interval.ms": config["heartbeatMs"],
            "max.poll.interval.ms": max(config["rebalanceTimeoutMs"], config["sessionTimeoutMs"]),
            "auto.offset.reset": config["startAt"], "isolation.level": config["isolation"],
            "enable.auto.commit": False, "on_commit": self.committed,
        })
        self.consumer.subscribe(config["topics"], self.assigned, self.revoked, self.lost)

    def assigned(self, _, partitions):
        self.epoch += 1
        for of in partitions:
            self.partitions[of.topic, of.partition] = Partition(of.topic, of.partition, self.epoch)
        say(ev="assigned", epoch=str(self.epoch), partitions=[[of.topic, of.partition] for of in partitions])

    def revoked(self, consumer, partitions):  # let what runs finish, and commit it, before they leave
        leaving = [of for tp in partitions if (of := self.partitions.get((tp.topic, tp.partition)))]
        self.drain(leaving, self.config["drainTimeoutMs"])
        self.commit(leaving, last=True)
        self.lost(consumer, partitions)

    def lost(self, _, partitions):
        for of in partitions:
            self.partitions.pop((of.topic, of.partition), None)

    def drain(self, partitions, timeout_ms):  # False when some handlers still run after that time
        deadline = time.monotonic() + timeout_ms / 1000
        while any(of.handle for of in partitions) and time.monotonic() < deadline:
            self.obey(wait=0.01)
        return not any(of.handle for of in partitions)

    def begin(self, of):
        if of.handle or not of.waiting:
            return
        self.begun += 1
        of.record, of.handle = of.waiting.popleft(), str(self.begun)
        key, value = of.record.key(), of.record.value()
        say(ev="begin", h=of.handle, epoch=str(of.epoch), t=of.id[0], p=of.id[1], o=str(of.record.offset()),
            key=None if key is None else base64.b64encode(key).decode(), attempt=1,
            vh=None if value is None else base64.b64encode(hashlib.sha256(value).digest()[:16]).decode())

    def finish(self, handle, result):
        for of in self.partitions.values():  # a handle of a partition that has gone is not among them
            if of.handle == handle and result not in ("ok", "skip"):
                sys.exit(f"{of.id} has failed, and there is neither a retry nor a dead letter here")
            if of.handle == handle:
                of.done, of.handle = of.record.offset() + 1, None

    def commit(self, partitions, last=False):  # the last time waits, also for commits that are on their way
        due = [of for of in partitions if of.done is not None and (last or of.done != of.sent)]
        for of in due:
            of.sent = of.done
        if due:
            self.consumer.commit(offsets=[TopicPartition(*of.id, of.done) for of in due], asynchronous=not last)

    def committed(self, error, partitions):
        for at in partitions:
            if (error or at.error) and (of := self.partitions.get((at.topic, at.partition))):
                of.sent = None  # again at the next interval

    def obey(self, wait=0.0):  # does what the runner says; False when it says nothing
        try:
            command = self.commands.get(wait > 0, wait)
        except queue.Empty:
            return False
        match command["cmd"]:
            case "finish": self.finish(command["h"], command["result"])
            case "stop": self.stop(command.get("id"), command.get("deadlineMs"))
            case "start": say(id=command["id"], ok=self.start(command["config"]) or {})
            case "hello": say(id=command["id"], ok=HELLO)
            case _: say(id=command["id"], error={"code": "unsupported"})
        return True

    def stop(self, id, deadline_ms):
        clean = True
        if self.consumer:
            clean = self.drain(self.partitions.values(), deadline_ms or self.config["drainTimeoutMs"])
            self.commit(self.partitions.values(), last=True)
            self.partitions.clear()
            self.consumer.close()  # leaves the group
        if id is not None:
            say(id=id, ok={"forced": not clean})
        sys.exit(0)

    def listen(self):
        for line in sys.stdin:
            self.commands.put(json.loads(line))
        self.commands.put({"cmd": "stop"})  # the end of standard input means: stop, draining

    def run(self):
        signal.signal(signal.SIGTERM, lambda *_: self.commands.put({"cmd": "stop"}))
        threading.Thread(target=self.listen, daemon=True).start()
        commit_at = 0.0
        while True:
            while self.obey(0.0 if self.consumer else 0.1):
                pass
            record = self.consumer.poll(0.005) if self.consumer else None
            if record is not None and record.error():  # `if record` would skip a tombstone: it has length 0
                print(record.error(), file=sys.stderr)
            elif record is not None and (of := self.partitions.get((record.topic(), record.partition()))):
                of.waiting.append(record)
            for of in self.partitions.values():
                self.begin(of)
                if of.paused != (len(of.waiting) > (BUFFERED / 2 if of.paused else BUFFERED)):
                    of.paused = not of.paused
                    (self.consumer.pause if of.paused else self.consumer.resume)([TopicPartition(*of.id)])
            if self.consumer and time.monotonic() >= commit_at:
                commit_at = time.monotonic() + self.config["commitIntervalMs"] / 1000
                self.commit(self.partitions.values())

if __name__ == "__main__":
    Subject().run()
