#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets from the test data: a directory for each target.

seeds.py ROOT DIRECTORY
"""

import hashlib
import pathlib
import sys

# In the order of kDecoders in api_decoders_fuzz.cc; the last one reads error numbers.
DECODERS = 18

VALUES = [
    "2026-11-20T08:44:12.0000000Z", "2026-11-20T08:44:12+03:00", "2026-11-20T08:44:12", "Sun, 06 Nov 1994 08:49:37 GMT",
    "1229549.07", "-3.5", "0.000001", "1e3", "1h30m", "90s", "30d", "2027-03-01", "true", "https://api.example.com:8443/x",
    "http://user:word@proxy.example.com:3128", "[::1]:10066", ":10066", "127.0.0.1:9100", "production", "is5" + "a" * 61,
]  # fmt: skip

REQUESTS = [
    "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /metrics?collect[]=servers&project=a%20b HTTP/1.1\r\nHost: a:1\r\nAccept: text/plain;q=0.5\r\n\r\n",
    "POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    "POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "\r\nHEAD http://localhost/ HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: Basic eDp5\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "a=1&b=x+y&a=%32", "/a%2Fb/%C3%A4",
]  # fmt: skip

STATES = [
    '{"format":"serverspace_exporter money","version":1,"projects":{"a":{"project_id":"1001","currency":"USD",'
    '"first_balance":170780000,"balance":-1,"spend":170780001,"topup":0,"used":1795630458}},"x":[1,{}]}',
    '{"format":"serverspace_exporter first seen","version":1,"projects":{"a":{"kinds":{"server":{"active":'
    '{"l3s1003":1795630457997}}},"used":1795630457}}}',
    '{"format":"serverspace_exporter tasks","version":1,"projects":{"a":{"tasks":[{"id":"l3t70011","added":1795630457997,'
    '"type":"UpdateServer","state":"completed","progress":100,"created":1795630457000000000,"resources":[["server","l3s1003"]],'
    '"outcome":"completed","ended":1795630458000}],"finished":[1,0,0,0],"durations":[1,0,0,0,0,0,0,0,0,0,0,0],'
    '"duration_sum_ns":1000000000,"forgotten":["l3t70010"],"used":1795630457}},'
    '"files":[{"path":"/a","device":1,"inode":2,"offset":9,"tail":4}]}',
]  # fmt: skip

TEXTS = ["plain\0a\"b\\c\nd\0\xff\xfe\x00<&>'\"", "\0\0", "\xc3\xa4\0\\n\0\"}"]


def seeds(root):
    """Pairs of a target and the bytes of one seed."""
    data = root / "tests" / "testdata"
    for path in sorted((data / "api").glob("*.json")):
        for decoder in range(DECODERS):
            yield "api_decoders", bytes([decoder]) + path.read_bytes()
    for path in sorted((data / "config").rglob("*.yml")) + sorted((root / "config").glob("*.yml")):
        yield "config", path.read_bytes()
    for text in VALUES:
        yield "values", text.encode()
    for text in REQUESTS:
        for piece in (0, 6, 255):
            yield "request", bytes([piece]) + text.encode()
    for text in STATES:
        yield "state", text.encode()
    for text in TEXTS:
        yield "escaping", text.encode("latin-1")
    for text in ("l3t70011\nlt55102 production\r\n# x\n\n" + "x" * 600 + "\nk8s_f44", "\n\n", "dns9120\n"):
        for cut in (b"\x0f\x00", b"\x03\x02", b"\x00\xff"):
            yield "watch_file", cut + text.encode()
    for step in (0x30, 0xB5, 0xFF):
        yield "page", bytes([step, 3]) + b"x\0" + bytes([200]) + b"y\0" + bytes([255]) + b"z\0" + bytes([0x90, 0xA0, 0x80])


def main(root, directory):
    for target, seed in seeds(root):
        corpus = directory / target
        corpus.mkdir(parents=True, exist_ok=True)
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
