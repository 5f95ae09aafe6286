"""A small HTTP service of objects, as an application might have one behind its cache."""

import http.server
import threading
import urllib.parse


class Service(http.server.BaseHTTPRequestHandler):
    """Objects with an ETag (even keys), or with a Last-Modified alone (odd ones)."""
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: another would wait for the first one's ACK
    SINCE = "Sat, 01 Jan 2022 00:00:00 GMT"

    def log_message(self, *_):
        pass

    def do_GET(self):
        key = urllib.parse.unquote(self.path.rsplit("/", 1)[1])
        self.server.asked.append(key)
        if self.server.failing:
            self.answer(503, {})
        elif int(key) % 2:
            same = self.headers["If-Modified-Since"] == self.SINCE
            self.answer(304 if same else 200, {"Last-Modified": self.SINCE})
        else:
            same = self.headers["If-None-Match"] == f'"{key}"'
            self.answer(304 if same else 200, {"ETag": f'"{key}"'})

    def answer(self, status, headers):
        body = b"" if status == 304 else b"x" * 100
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.closes:
            self.send_header("Connection", "close")
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Clients that are gone are what some tests are about."""


def running_service(test, closes=False):
    """At `.url` until the test is over; `closes`: a connection after each answer."""
    server = Quiet(("127.0.0.1", 0), Service)
    server.asked, server.failing, server.closes = [], False, closes
    server.url = f"http://127.0.0.1:{server.server_port}/items"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server
