#!/usr/bin/env python3
"""usage: scripted_server.py SOCKET DELAYS LOG [CPU]

A server that speaks as much of Redis' protocol as cachegauge asks for, on a unix socket: INFO is
answered at once, the n-th GET with a miss after the n-th of DELAYS (a file of nanoseconds, one a
line), anything else with 0 or OK. Replies of a connection keep their order.

On SIGTERM it writes to LOG, for each GET, the delay that it really applied: from when it woke up to
read the request to when the reply had been written, by its own monotonic clock.

It never sleeps when a reply is due within 2 ms: a timer is too coarse. Give it a CPU of its own.
"""

import collections
import gc
import heapq
import os
import select
import signal
import socket
import sys
import time

INFO = b"# Server\r\nredis_version:7.0.0\r\n# Keyspace\r\n"
MISS = b"$-1\r\n"
SPIN_NS = 2_000_000

clock = time.monotonic_ns


class Connection:
    def __init__(self, peer):
        self.peer = peer
        self.text = b""
        self.waiting = collections.deque()  # [read_ns, is_due] of gets, in order


def commands_in(connection):
    """The words of each whole command that has arrived."""
    while connection.text.startswith(b"*"):
        lines = connection.text.split(b"\r\n")
        count = int(lines[0][1:])
        # Words hold no line ends here: keys are digits, and there are no values.
        if len(lines) < 2 * count + 2:
            return
        yield lines[2:2 * count + 1:2]
        connection.text = b"\r\n".join(lines[2 * count + 1:])


def answer_due(connection, applied):
    while connection.waiting and connection.waiting[0][1]:
        connection.peer.sendall(MISS)
        applied.append(clock() - connection.waiting.popleft()[0])


def serve(listener, delays, applied, stopping):
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    connections = {}
    due = []  # heap of (time, number, connection, entry of its queue)
    number = 0
    while not stopping:
        left_ns = due[0][0] - clock() if due else SPIN_NS * 50
        events = poller.poll((left_ns - SPIN_NS) / 1e9 if left_ns > SPIN_NS else 0)
        now = clock()
        for fd, _ in events:
            if fd == listener.fileno():
                peer, _ = listener.accept()
                connections[peer.fileno()] = Connection(peer)
                poller.register(peer, select.EPOLLIN)
                continue
            connection = connections[fd]
            text = connection.peer.recv(1 << 16)
            if not text:
                poller.unregister(fd)
                connections.pop(fd).peer.close()
                continue
            connection.text += text
            for words in commands_in(connection):
                name = words[0].upper()
                if name == b"GET":
                    entry = [now, False]
                    connection.waiting.append(entry)
                    heapq.heappush(due, (now + delays[number], number, connection, entry))
                    number += 1
                elif name == b"INFO":
                    connection.peer.sendall(b"$%d\r\n%b\r\n" % (len(INFO), INFO))
                else:
                    connection.peer.sendall(b":0\r\n" if name == b"DEL" else b"+OK\r\n")
        while due and due[0][0] <= clock():
            _, _, connection, entry = heapq.heappop(due)
            entry[1] = True
            answer_due(connection, applied)


def main():
    path, delays_path, log_path, *cpu = sys.argv[1:]
    if cpu:
        os.sched_setaffinity(0, {int(cpu[0])})
    with open(delays_path) as file:
        delays = [int(line) for line in file]
    stopping, applied = [], []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    gc.disable()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1024)
        serve(listener, delays, applied, stopping)
    with open(log_path, "w") as file:
        file.writelines(f"{delay}\n" for delay in applied)


if __name__ == "__main__":
    main()
