"""The message store in Python with http.server, in memory: a peer of the benchmark. Takes the port as its argument."""
import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

messages = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write an answer

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            message = json.loads(body)["message"]
            digest = hashlib.sha256(message.encode()).hexdigest()
        except (ValueError, KeyError, TypeError, AttributeError):
            self.reply(400, {"err_msg": "Not a message"})
            return
        messages[digest] = message
        self.reply(201, {"digest": digest})

    def do_GET(self):
        message = messages.get(self.path.removeprefix("/messages/"))
        if message is None:
            self.reply(404, {"err_msg": "Message not found"})
        else:
            self.reply(200, {"message": message})

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that closes its connection


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
