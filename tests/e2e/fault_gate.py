"""Hosts that fail before a request is sent, for tests of clients. Standard library only; threads of their own."""

import contextlib
import socket
import ssl
import struct
import threading


def server_context(authority, host, days=1):
    """What a server needs to be `host`. With 0 days the certificate expires in the second it is made."""
    stem = authority.ca.with_name(f"{authority.ca.stem}-{host}-{days}")
    cert, key = (stem.with_name(stem.name + end) for end in (".pem", ".key"))
    authority.issue(cert, key, f"DNS:{host}", days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


class Gate:
    """A port of localhost in front of another one: bytes pass through it, or something goes wrong at the door.

    `mode` is `pass`, `refuse`, `reset`, `hang`, `plain` (no TLS is spoken), or a server's ssl.SSLContext, which is used to
    answer instead of the other port. What was said to such a server is kept in `heard`.
    """

    def __init__(self, target_port, mode="pass"):
        self.target_port = target_port
        self.heard = b""
        self.accepted = 0
        self.lock = threading.Lock()
        self.open = set()
        self.mode = None
        self.server = None
        # Bound and never listening, it keeps the port while connections are refused.
        self.holder = self._bind(0)
        self.port = self.holder.getsockname()[1]
        self.become(mode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.become("refuse")
        self.holder.close()

    @property
    def base_url(self):
        return f"https://localhost:{self.port}"

    def become(self, mode):
        """From now on; connections that are open end."""
        with self.lock:
            self.mode = mode
            if mode == "refuse" and self.server:
                self.server.shutdown(socket.SHUT_RDWR)
                self.server.close()
                self.server = None
            elif mode != "refuse" and not self.server:
                self.server = self._bind(self.port)
                self.server.listen(128)
                threading.Thread(target=self._accept, args=(self.server,), daemon=True).start()
            for connection in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _bind(port):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        return server

    def _accept(self, server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                if self.server is not server:
                    connection.close()
                    return
                mode = self.mode
                self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection, mode), daemon=True).start()

    def _serve(self, connection, mode):
        try:
            with contextlib.suppress(OSError), connection:
                if mode == "pass":
                    self._pass_on(connection)
                elif mode == "reset":
                    # Not before it is a handshake that is reset.
                    connection.recv(1)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif mode == "hang":
                    while connection.recv(65536):
                        pass
                elif mode == "plain":
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                elif mode != "refuse":
                    self._be(connection, mode)
        finally:
            with self.lock:
                self.open.discard(connection)

    def _be(self, connection, context):
        # Its own descriptor, as wrapping takes that of the connection.
        with context.wrap_socket(connection.dup(), server_side=True) as channel:
            while data := channel.recv(65536):
                self.heard += data

    def _pass_on(self, connection):
        with socket.create_connection(("127.0.0.1", self.target_port)) as other:
            back = threading.Thread(target=self._pump, args=(other, connection), daemon=True)
            back.start()
            self._pump(connection, other)
            back.join()

    @staticmethod
    def _pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
