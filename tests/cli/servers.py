"""Servers that are not cachegauge's own."""

import socket
import subprocess
import time


class Server:
    """A running redis-server or memcached on a unix socket, as somebody else's would be."""

    def __init__(self, folder, kind):
        self.socket = str(folder / f"{kind}.sock")
        self.kind = kind
        self.start()

    def start(self):
        args = (["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "",
                 "--appendonly", "no"]
                if self.kind == "redis" else ["memcached", "-u", "root", "-s", self.socket])
        self.process = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if subprocess.run(["test", "-S", self.socket]).returncode == 0 and self.answers():
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.kind} does not answer")

    def answers(self):
        try:
            return bool(self.ask("PING\r\n" if self.kind == "redis" else "version\r\n"))
        except OSError:
            return False

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        connection.connect(self.socket)
        return connection

    def ask(self, text):
        with self.connect() as connection:
            connection.sendall(text.encode())
            return connection.recv(1 << 16).decode()

    def keys(self):
        count = self.ask("DBSIZE\r\n")
        return int(count.strip()[1:])

    def stop(self):
        self.process.kill()
        self.process.wait()
