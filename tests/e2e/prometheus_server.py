"""A real Prometheus as a peer of the programs under test. Standard library only."""

import contextlib
import decimal
import http.server
import json
import pathlib
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

import stack


class Prometheus(stack.Program):
    """Scrapes each job's one target every second, as `instance="exporter"` so that the jobs differ in nothing else.

    `scrape_configs` are further ones as they would stand in its configuration.
    """

    def __init__(self, directory, jobs, rule_files=(), alertmanagers=(), scrape_configs=()):
        self.directory = pathlib.Path(directory)
        # JSON is YAML too.
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in rule_files],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
            "scrape_configs": [
                {"job_name": name, "static_configs": [{"targets": [address], "labels": {"instance": "exporter"}}]}
                for name, address in jobs.items()
            ]
            + list(scrape_configs),
        }
        path = self.directory / "prometheus.yml"
        path.write_text(json.dumps(config))
        # It picks a free port itself and tells it in its log, which must not be a former one's. Debug lines tell why a
        # scrape failed.
        log = self.directory / "prometheus.log"
        log.unlink(missing_ok=True)
        super().__init__(
            [
                "prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.directory / 'prometheus'}",
                "--web.listen-address=127.0.0.1:0", "--log.level=debug",
            ],
            log,
        )  # fmt: skip

        listening = re.compile(r'msg="Listening on" address=(\S+)')
        self.address = self.await_output("the address", lambda: listening.search(self.text())).group(1)
        self.await_output("readiness", self._is_ready)

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        with urllib.request.urlopen(f"http://{self.address}{path}?{query}", timeout=stack.PATIENCE_SECONDS) as answer:
            return answer.read().decode()

    def api(self, path, **parameters):
        answer = json.loads(self.get("/api/v1/" + path, **parameters))
        assert answer["status"] == "success" and not answer.get("warnings"), answer
        return answer["data"]

    def _is_ready(self):
        with contextlib.suppress(urllib.error.HTTPError):
            return bool(self.get("/-/ready"))
        return False

    def vector(self, expression, at=None):
        """`{labels: value}` of an instant query; labels are a frozenset of pairs, values exact."""
        data = self.api("query", query=expression, **({} if at is None else {"time": at}))
        assert data["resultType"] == "vector", f"{expression}: {data['resultType']}"
        return {frozenset(row["metric"].items()): decimal.Decimal(row["value"][1]) for row in data["result"]}

    def value(self, expression, at=None):
        """The value of an expression with one answer at most; nothing if it has none."""
        vector = self.vector(expression, at)
        assert len(vector) <= 1, f"{expression} has {len(vector)} answers"
        return next(iter(vector.values()), None)

    def await_value(self, expression, expected, seconds=stack.PATIENCE_SECONDS):
        """Waits until an expression has this value; None: until it has no answer."""
        expected = None if expected is None else decimal.Decimal(expected)
        stack.await_condition(
            f"{expression} is {expected}", lambda: self.value(expression) == expected, seconds, pause=0.1
        )

    def last_scrape(self, job):
        """When the last scrape of a job began: its samples have exactly this time."""
        return self.value(f'timestamp(up{{job="{job}"}})')

    def samples(self, selector, begin, end):
        """The stored samples from `begin` to `end`, both included: `{labels: [(time, value)]}`."""
        data = self.api("query", query=f"{selector}{span(begin, end)}", time=end)
        return {
            frozenset(row["metric"].items()): [(decimal.Decimal(repr(t)), decimal.Decimal(v)) for t, v in row["values"]]
            for row in data["result"]
        }


def span(begin, end):
    """The range that reaches from one scrape's samples to another's, both included."""
    return f"[{max(1, int((end - begin) * 1000))}ms]"


class TextRelay:
    """Hands an exporter's page on as it serves it to clients that ask for no format.

    Prometheus 2.42 always asks for OpenMetrics, so without this it would never read the classic text format.
    """

    def __init__(self, address):
        self.content_types = set()
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                # urllib sends no Accept of its own.
                request = urllib.request.Request(f"http://{address}{self.path}")
                try:
                    with urllib.request.urlopen(request, timeout=stack.PATIENCE_SECONDS) as answer:
                        status, content_type, body = answer.status, answer.headers["Content-Type"], answer.read()
                except OSError as error:
                    status, content_type, body = 502, "text/plain", str(error).encode()
                else:
                    relay.content_types.add(content_type)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self):
        return "%s:%d" % self._server.server_address
