#!/usr/bin/env python3
"""Forwards HTTP requests to an S3 server, counts them, and lets them fail on demand; for the tests of object stores.

    s3-proxy.py PORT SERVER_PORT

Tests that run at the same time name their requests by a text that occurs in the path, the query or the posted body:

    /-/counts?match=TEXT                          returns the kinds of the requests so far, one word for each
    /-/fail?match=TEXT&kind=PUT&how=503&times=2   lets the next two such requests fail

`kind` is LIST, GET, PUT, POST or DELETE. `how` is a status; `hang` (no answer until the client leaves); `drop` (reset
before the server sees the request); `reset` (reset after the server carried it out); or `cut` (half of the body).
`times` is 1 if it is not given, 0 ends the failures of this kind, and `skip` requests pass before.
"""
import http.client
import http.server
import select
import socket
import struct
import sys
import threading
import urllib.parse

server_port = int(sys.argv[2])
lock = threading.Lock()
seen = []  # (kind, text) of each request
failures = []  # dictionaries with match, kind, how, times and skip


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path.startswith("/-/"):
            return self.control(url)
        kind = self.command
        if kind == "GET" and not url.path.strip("/").count("/"):
            kind = "LIST"
        text = urllib.parse.unquote(self.path)
        if kind == "POST":
            text += body.decode(errors="replace")
        how = self.failure(kind, text)
        if how and how.isdigit():
            code = {"403": "AccessDenied", "503": "SlowDown"}.get(how, "InternalError")
            return self.answer(int(how), [("Content-Type", "application/xml")],
                               f"<?xml version=\"1.0\"?><Error><Code>{code}</Code>"
                               f"<Message>the proxy says {how}</Message></Error>".encode())
        if how == "hang":
            select.select([self.connection], [], [], 60)
        if how in ("hang", "drop"):
            return self.reset()
        status, headers, data = self.forward(body)
        if how == "reset":
            return self.reset()
        self.answer(status, headers, data, cut=how == "cut")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def control(self, url):
        query = {key: value[0] for key, value in urllib.parse.parse_qs(url.query).items()}
        with lock:
            if url.path == "/-/fail":
                counts = {key: int(query.get(key, default)) for key, default in [("times", 1), ("skip", 0)]}
                if not counts["times"]:
                    failures[:] = [f for f in failures if (f["match"], f["kind"]) != (query["match"], query["kind"])]
                failures.append(query | counts)
            words = [kind for kind, text in seen if query["match"] in text]
        self.answer(200, [], " ".join(words).encode())

    def failure(self, kind, text):
        """Notes a request, and returns how it must fail; None if it must not."""
        with lock:
            seen.append((kind, text))
            for failure in failures:
                if failure["kind"] == kind and failure["match"] in text and failure["times"] > 0:
                    if failure["skip"] > 0:
                        failure["skip"] -= 1
                        continue
                    failure["times"] -= 1
                    return failure["how"]

    def forward(self, body):
        """Sends the request to the server with unchanged headers, so that its signature holds."""
        connection = http.client.HTTPConnection("127.0.0.1", server_port)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("expect", "connection"):
                connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, response.getheaders(), data

    def answer(self, status, headers, data, cut=False):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:len(data) // 2] if cut else data)
        self.close_connection = cut

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def shutdown_request(self, request):
        self.close_request(request)  # without shutting down, so that a reset reaches the client


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
