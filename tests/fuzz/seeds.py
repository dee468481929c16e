#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets from the test data: a directory for each target.

seeds.py ROOT DIRECTORY
"""

import gzip
import hashlib
import pathlib
import sys

# In the order of kDecoders in api_decoders_fuzz.cc; the last one reads error numbers.
DECODERS = 18

VALUES = [
    "2026-11-20T08:44:12.0000000Z", "2026-11-20T08:44:12+03:00", "2026-11-20T08:44:12", "Sun, 06 Nov 1994 08:49:37 GMT",
    "1229549.07", "-3.5", "0.000001", "1e3", "1h30m", "90s", "30d", "2027-03-01", "true", "production", "is5" + "a" * 61,
    "120\nSun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT\nSun, 06 Nov 1994 08:49:37 GMT",
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

TASKS = [
    '{"project": "a", "task_id": "l3t70011"}', '{"task_ids": ["dns9120", null, "x"], "task_id": null}', "[1]", '{"task_id": 7}',
]  # fmt: skip

FILTERS = ["port=9100&network=private&project=a&project=%C3%A4&tag=x+y&powered=on", "port=0", "tag="]

HEADERS = [
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", "gzip;q=0, *", "*",
    'W/"0a1b", "0a1b"',
]  # fmt: skip

ADDRESSES = [
    "https://api.example.com:8443/x", "http://user:word@proxy.example.com:3128", "proxy.example.com", "[::1]:10066", ":10066",
    "127.0.0.1:9100", "http://[2001:db8::1]:8080/metrics?x", "https://example.com", "exporter-3.example", "serverspace-0",
    "api.example.com\0.example.com,[::1] 192.0.2.7\t*.example.net", "l3s1003", "..",
]  # fmt: skip

HASH = "$2y$04$" + "abcdefghijklmnopqrstuu" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"

WEB_CONFIGS = [
    f"basic_auth_users:\n  prometheus: {HASH}\n  \"other one\": {HASH}\n", HASH, "user:pass:word", "Basic dXNlcjpwYXNz",
    "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file: ca.crt\n"
    "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [a.example]\n  min_version: TLS12\n"
    "  max_version: TLS13\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  curve_preferences: [X25519]\n"
    "  prefer_server_cipher_suites: true\n",
    "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n"
    "    Content-Security-Policy: default-src 'self'\n    X-Content-Type-Options: nosniff\n    X-XSS-Protection: 1\n",
]  # fmt: skip

TRANSFERS = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/" + b"x" * 600, b"", b"aaaaaaaaab" * 40]

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
    for text in ADDRESSES:
        yield "addresses", text.encode()
    for text in WEB_CONFIGS:
        yield "web_config", text.encode()
    for plain in TRANSFERS:
        for data in (plain, gzip.compress(plain, mtime=0), gzip.compress(plain, mtime=0) * 2):
            yield "transfer", b"\x04\x06" + data
        yield "transfer", b"\xff\xe6" + plain
    for text in TASKS + FILTERS + HEADERS:
        yield "request", bytes([255]) + text.encode()
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
