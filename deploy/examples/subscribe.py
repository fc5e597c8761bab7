#!/usr/bin/env python3
"""An example subscriber: prints every event of the bus once and in order, one line of JSON each.

    subscribe.py nats://user:password@host:port position-file

It speaks the plain NATS protocol (https://docs.nats.io/reference/reference-protocols/nats-protocol) with nothing but Python's standard
library. The number of a message in the stream is its position in the log, which is its `id`: so the last position that was
dealt with is all that has to be kept, and after whatever interruption reading goes on behind it. A subscriber whose work must
not be done twice keeps the position where it keeps its work, in the same transaction.
"""

import json
import os
import secrets
import socket
import sys
import time
import urllib.parse

STREAM = "ZHICHENG"
SUBJECTS = "zhicheng.events."
BATCH = 200
# how long the server keeps a request for messages, in seconds
WAIT = 5
# what the server says of a request that it has nothing more for: it has no message, or the time is over
NO_MORE = ("404", "408")
# how long nothing at all may come before the connection counts as lost, in seconds
SILENCE_MAX = WAIT + 10


class Connection:
    """A connection that can subscribe, publish and take messages."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port or 4222), timeout=SILENCE_MAX)
        self.stream = self.socket.makefile("rb")
        info = self.stream.readline()
        if not info.startswith(b"INFO "):
            raise ConnectionError("this is no NATS server")
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True, "lang": "python",
                   "version": "1", "name": "zhicheng example subscriber"}
        if address.username is not None and address.password is not None:
            options["user"], options["pass"] = address.username, address.password
        elif address.username is not None:
            options["auth_token"] = address.username
        self.send(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        self.inbox = f"_INBOX.{secrets.token_hex(12)}"
        self.send(f"SUB {self.inbox}.* 1\r\n".encode())

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def publish(self, subject, reply, payload):
        self.send(f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n")

    def message(self):
        """The next message: its subject, where an answer goes, its headers as text, its payload."""
        while True:
            line = self.stream.readline()
            if not line:
                raise ConnectionError("the server has gone")
            words = line.decode().split()
            if words[0] == "PING":
                self.send(b"PONG\r\n")
            elif words[0] == "-ERR":
                raise ConnectionError(line.decode().strip())
            elif words[0] == "MSG":
                reply = words[3] if len(words) == 5 else ""
                return words[1], reply, "", self.payload(int(words[-1]))
            elif words[0] == "HMSG":
                reply = words[3] if len(words) == 6 else ""
                whole = self.payload(int(words[-1]))
                headers = int(words[-2])
                return words[1], reply, whole[:headers].decode(), whole[headers:]

    def payload(self, size):
        data = self.stream.read(size + 2)
        if len(data) != size + 2:
            raise ConnectionError("the server has gone")
        return data[:-2]

    def ask(self, subject, question):
        """Asks the server's JetStream and gives its answer."""
        reply = f"{self.inbox}.answer"
        self.publish(subject, reply, json.dumps(question).encode())
        while True:
            to, _, headers, payload = self.message()
            if to == reply:
                if status(headers) == "503":
                    raise ConnectionError("the server has no JetStream, or is just starting")
                answer = json.loads(payload)
                if "error" in answer:
                    raise ConnectionError(answer["error"]["description"])
                return answer


def status(headers):
    """The status that a message without content has in its headers: "NATS/1.0 404 No Messages"."""
    words = headers.split(maxsplit=2)
    return words[1] if len(words) > 1 and words[0] == "NATS/1.0" else ""


def read_on(url, last, deal_with):
    """Deals with every message behind `last`, until the connection is lost; `last` is told on as it moves."""
    connection = Connection(url)
    try:
        consumer = {"deliver_policy": "by_start_sequence", "opt_start_seq": last + 1, "ack_policy": "none",
                    "inactive_threshold": 60_000_000_000}
        made = connection.ask(f"$JS.API.CONSUMER.CREATE.{STREAM}", {"stream_name": STREAM, "config": consumer})
        ask_for = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{made['name']}"
        number = 0
        while True:
            number += 1
            here = f"{connection.inbox}.batch{number}"
            asked = {"batch": BATCH, "expires": WAIT * 1_000_000_000}
            connection.publish(ask_for, here, json.dumps(asked).encode())
            left = BATCH
            while left > 0:
                # an event comes under its own subject, a word about the request under that of the request
                to, _, headers, payload = connection.message()
                if to == here:
                    if status(headers) in NO_MORE:
                        break
                    # the consumer has gone (409, 503), perhaps with the stream: another connection makes another one
                    raise ConnectionError(f"the server ends the request: {headers.splitlines()[:1]}")
                if not to.startswith(SUBJECTS):
                    continue
                left -= 1
                event = json.loads(payload)
                position = int(event["id"])
                if position <= last:
                    continue
                if position != last + 1:
                    raise ConnectionError(f"{position} after {last}: something is missing")
                deal_with(event)
                last = position
    finally:
        connection.close()


def main():
    url, path = sys.argv[1:]
    last = 0
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            last = int(file.read())

    def deal_with(event):
        nonlocal last
        print(json.dumps(event, ensure_ascii=False), flush=True)
        # whole or not at all, also when this process is killed
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(event["id"])
        os.replace(path + ".new", path)
        last = int(event["id"])

    while True:
        try:
            read_on(url, last, deal_with)
        except (OSError, ValueError, KeyError) as error:
            print(f"reading is interrupted: {error}", file=sys.stderr)
            time.sleep(0.5)


if __name__ == "__main__":
    main()
