"""The shipped rules and the shipped Alertmanager configuration in real programs, made fast. Standard library only."""

import http.server
import json
import pathlib
import re
import shutil
import threading

import stack

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))


def fast_rules(directory, stuck_seconds=3600):
    """Copies of the shipped rules whose waits are a second. Expressions stay, but for how long a server may be busy."""
    copies, stuck = [], 0
    for path in RULES:
        text, count = re.subn(r"(?m)^(\s+(?:for|interval): )\w+$", r"\g<1>1s", path.read_text())
        assert count > 1, f"nothing to make faster in {path.name}"
        text, count = re.subn(r"(?m)^( +\) > )3600$", rf"\g<1>{stuck_seconds}", text)
        stuck += count
        copies.append(pathlib.Path(directory) / path.name)
        copies[-1].write_text(text)
    assert stuck == 1, "the limit of ServerspaceServerStuck is not found"
    return copies


class Inbox:
    """Where the webhook and Slack receivers send to."""

    def __init__(self):
        self._lock = threading.Lock()
        self._messages = []
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with inbox._lock:
                    inbox._messages.append((self.path, self.headers, body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def messages(self, path):
        """Headers and decoded bodies that came to a path, in order."""
        with self._lock:
            return [(headers, body) for where, headers, body in self._messages if where == path]

    def alerts(self, path):
        """`[(status, alert)]` of all messages of a webhook."""
        return [(alert["status"], alert) for _, body in self.messages(path) for alert in body["alerts"]]


# Where Debian's program looks for its own templates. Unpacked instead of installed it has none there.
ASSETS = b"/usr/share/prometheus/alertmanager"


def alertmanager_command(directory):
    """The start of its command line. Where it is only unpacked, a copy of it that takes its templates from `directory`."""
    program = shutil.which("prometheus-alertmanager")
    assert program, "prometheus-alertmanager is not installed"
    if (pathlib.Path(ASSETS.decode()) / "default.tmpl").exists():
        return [program]
    share = pathlib.Path(program).parents[1] / "share" / "prometheus" / "alertmanager"
    for template in share.glob("*.tmpl"):
        shutil.copy(template, directory)
    copy = pathlib.Path(directory) / "prometheus-alertmanager"
    # As long as before, and the same as nothing: `./././`.
    copy.write_bytes(pathlib.Path(program).read_bytes().replace(ASSETS, b"./" * 17))
    copy.chmod(0o755)
    return ["env", "-C", directory, copy]


class Alertmanager(stack.Program):
    """The shipped configuration with short waits and with addresses on loopback."""

    def __init__(self, directory, inbox):
        directory = pathlib.Path(directory)
        secrets = directory / "secrets"
        secrets.mkdir()
        (secrets / "slack_url").write_text(inbox.url + "/slack")
        (secrets / "paging_token").write_text("paging-token")
        (secrets / "smtp_password").write_text("unused")
        config = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
        for shipped, here in (
            ("/etc/alertmanager/secrets", str(secrets)),
            ("https://paging.example.com/alertmanager", inbox.url + "/webhook"),
            # Nobody listens there: mail is not part of this.
            ("mail.example.com:587", "127.0.0.1:1"),
            ("templates/*.tmpl", str(DEPLOY / "alertmanager" / "templates" / "*.tmpl")),
            ("group_wait: 30s", "group_wait: 1s"),
            ("group_interval: 5m", "group_interval: 1s"),
        ):
            assert shipped in config, shipped
            config = config.replace(shipped, here)
        path = directory / "alertmanager.yml"
        path.write_text(config)
        log = directory / "alertmanager.log"
        super().__init__(
            [
                *alertmanager_command(directory), f"--config.file={path}", f"--storage.path={directory / 'alertmanager'}",
                "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=", "--log.level=debug",
            ],
            log,
        )  # fmt: skip

        listening = re.compile(r'msg="?Listening"? (?:on )?"?address"?=(\S+)|msg="Listening on" address=(\S+)')
        match = self.await_output("the address", lambda: listening.search(self.text()))
        self.address = match.group(1) or match.group(2)
