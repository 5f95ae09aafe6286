"""Servers that are not cachegauge's own."""

import itertools
import os
import pathlib
import signal
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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Postgres:
    """A running PostgreSQL on a unix socket and a port of 127.0.0.1, as somebody else's would be.
    Whoever asks on the socket is trusted."""

    def __init__(self, folder):
        versions = pathlib.Path("/usr/lib/postgresql").iterdir()
        self.programs = max(versions, key=lambda version: int(version.name)) / "bin"
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.user = None
        if os.geteuid() == 0:  # as which it refuses to run
            self.user = "postgres"
            folder.chmod(0o755)
            subprocess.run(["chown", self.user, self.folder], check=True)
        self.port = free_port()
        self.names = itertools.count()
        self.run("initdb", "-D", "data", "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-locale",
                 "--no-sync")

    def run(self, program, *args):
        return subprocess.run([self.programs / program, *args], cwd=self.folder, user=self.user,
                              check=True, capture_output=True, text=True).stdout

    def write(self, name, text):
        """A file in its folder that nobody else may read."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        if self.user:
            subprocess.run(["chown", self.user, path], check=True)
        return path

    def start(self, *settings):
        options = [word for setting in settings for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", "data", "-k", self.folder, "-p", str(self.port),
             "-c", "fsync=off", *options], cwd=self.folder, user=self.user,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                return self.ask("SELECT 1")
            except subprocess.CalledProcessError:
                time.sleep(0.02)
        raise RuntimeError("postgres does not answer")

    def ask(self, sql, database="postgres"):
        return self.run("psql", "-h", self.folder, "-p", str(self.port), "-U", "owner", "-Atqc",
                        sql, database).strip()

    def database(self):
        """The name of a new one: a run has one of its own."""
        name = f"d{next(self.names)}"
        self.ask(f"CREATE DATABASE {name}")
        return name

    def dsn(self, database):
        return f"host={self.folder} port={self.port} dbname={database} user=owner"

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
