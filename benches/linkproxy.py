#!/usr/bin/python3
"""linkproxy.py HOST PORT: an ssh ProxyCommand that puts a slow link between client and server.

--mbit is its rate in each direction, --rtt its round trip in milliseconds, --queue the kilobytes that wait before the
bottleneck until the sender feels it.
"""
import argparse
import collections
import os
import socket
import threading
import time


class Direction:
    """One way over the link: bytes leave at the link's rate, and arrive half a round trip later."""

    def __init__(self, options, read, write, close):
        self.rate, self.delay, self.queue = options.mbit * 1e6 / 8, options.rtt / 2000, options.queue * 1024
        self.read, self.write, self.close = read, write, close
        self.waiting, self.size, self.ended = collections.deque(), 0, False
        self.changed = threading.Condition()
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        free = time.monotonic()
        while data := self.read(4096):
            free = max(free, time.monotonic()) + len(data) / self.rate
            with self.changed:
                self.changed.wait_for(lambda: self.size <= self.queue)
                self.waiting.append((free + self.delay, data))
                self.size += len(data)
                self.changed.notify_all()
            ahead = free - time.monotonic() - self.queue / self.rate
            if ahead > 0:
                time.sleep(ahead)
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def give(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or self.ended)
                if not self.waiting:
                    break
                due, data = self.waiting.popleft()
                self.size -= len(data)
                self.changed.notify_all()
            time.sleep(max(0, due - time.monotonic()))
            self.write(data)
        self.close()


def write_out(data):
    while data:
        data = data[os.write(1, data):]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('--mbit', type=float, default=10)
    parser.add_argument('--rtt', type=float, default=50)
    parser.add_argument('--queue', type=int, default=128)
    options = parser.parse_args()
    far = socket.socket()
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)      # else the loopback would take in what the link has not carried
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    far.connect((options.host, options.port))
    up = Direction(options, lambda size: os.read(0, size), far.sendall, lambda: far.shutdown(socket.SHUT_WR))
    threading.Thread(target=up.give, daemon=True).start()
    Direction(options, far.recv, write_out, lambda: os._exit(0)).give()


if __name__ == '__main__':
    main()
