#!/usr/bin/env python3
"""The web configuration with a real Prometheus: TLS, client certificates, passwords, and all of it replaced while it runs.

The certificates are made by the openssl program. The passwords are known here, the exporter has only their hashes.
"""

import base64
import contextlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import prometheus_server
import stack
from authority import Authority

PASSWORD = stack.PASSWORD
HASH = stack.PASSWORD_HASH
OTHER_PASSWORD = "battery staple"
OTHER_HASH = "$2b$10$0giWWqwsv5/xg6CilzCpnO16EzH/cbWs4ZwgCAEyGzSbXUhomyte."
SUCCESSFUL = "serverspace_exporter_web_config_last_reload_successful"
EXPIRY = "serverspace_exporter_web_certificate_expiry_timestamp_seconds"


class SecureExporter(stack.Exporter):
    """Asked over TLS with a user's password; `get` of the parent is for plain HTTP."""

    def __init__(self, bin_dir, directory, authority, *flags, environment, user=("alice", PASSWORD)):
        self.context = ssl.create_default_context(cafile=authority.ca)
        self.user = user
        super().__init__(bin_dir, directory, *flags, environment=environment)

    def ask(self, path="/metrics", method="GET", user=None, context=None):
        user = user or self.user
        code = base64.b64encode(":".join(user).encode()).decode()
        connection = http.client.HTTPSConnection(
            *self.place, context=context or self.context, timeout=stack.PATIENCE_SECONDS
        )
        with contextlib.closing(connection):
            connection.request(method, path, headers={"Authorization": "Basic " + code})
            return stack.Answer(connection.getresponse())

    def value(self, name):
        return stack.parse_samples(self.ask().text).get(name)

    def await_ready(self):
        stack.await_condition("ready", lambda: self.ask("/-/ready").status == 200)
        return self


def replace(path, text):
    """Whole at once: the file is watched, and half of it would be another mistake."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


def web_config(path, users, tls=""):
    lines = ["tls_server_config:", "  cert_file: server.pem", "  key_file: server.key"]
    lines += [f"  {line}" for line in tls.splitlines()]
    lines += ["basic_auth_users:"] + [f"  {user}: {hash_}" for user, hash_ in users.items()]
    replace(path, "\n".join(lines) + "\n")


def scrape(authority, password=PASSWORD, **tls):
    return {
        "scheme": "https",
        "tls_config": {"ca_file": str(authority.ca), **{k: str(v) for k, v in tls.items()}},
        "basic_auth": {"username": "alice", "password": password},
    }


def check_access(exporter):
    assert exporter.ask().status == 200
    for path in ("/metrics", "/", "/-/healthy", "/-/ready", "/nothing"):
        refused = exporter.ask(path, user=("alice", "wrong"))
        assert refused.status == 401, f"{path} without a password: {refused.status}"
        assert refused.headers["WWW-Authenticate"].startswith("Basic realm="), refused.headers
        assert refused.headers["X-Content-Type-Options"] == "nosniff"
        assert refused.headers["Cache-Control"] == "no-store"
    assert exporter.ask("/-/reload", "POST", user=("nobody", PASSWORD)).status == 401
    plain = exporter.get("/metrics")
    assert plain.status == 400 and "https://" in plain.text, plain.text
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=exporter.context_ca)
        context.minimum_version = context.maximum_version = version
        assert exporter.ask(context=context).status == 200


def check_rotation(exporter, prometheus, authority, directory):
    """Another certificate comes, its key after it, and no scrape fails."""
    begin = prometheus.last_scrape("good")
    before = float(exporter.value(EXPIRY))
    new_cert, new_key = directory / "next.pem", directory / "next.key"
    authority.issue(new_cert, new_key, days=9)
    os.replace(new_cert, directory / "server.pem")
    time.sleep(0.3)  # as a tool that writes two files
    os.replace(new_key, directory / "server.key")
    stack.await_condition("the new certificate is shown", lambda: float(exporter.value(EXPIRY)) > before + 7 * 86400)
    assert exporter.value(SUCCESSFUL) == "1"
    shown = float(exporter.value(EXPIRY))
    with socket.create_connection(exporter.place) as plain, exporter.context.wrap_socket(
        plain, server_hostname=exporter.place[0]
    ) as secure:
        assert abs(ssl.cert_time_to_seconds(secure.getpeercert()["notAfter"]) - shown) < 1
    return begin


def check_mistakes(exporter, directory):
    """A broken file changes nothing but a metric and a line of the log, until it is mended."""
    good = (directory / "web.yml").read_text()
    replace(directory / "web.yml", good + "nonsense: 1\n")
    stack.await_condition("the mistake is seen", lambda: exporter.value(SUCCESSFUL) == "0")
    assert "web.yml:6:1: nonsense: unknown key" in exporter.text(), exporter.text()
    reload = exporter.ask("/-/reload", "POST")
    assert reload.status == 500 and "web.yml:6:1: nonsense" in reload.text, reload.text
    replace(directory / "web.yml", "")
    reload = exporter.ask("/-/reload", "POST")
    assert reload.status == 500 and "restart" in reload.text, reload.text
    web_config(directory / "web.yml", {"alice": HASH, "bob": OTHER_HASH, "carol": OTHER_HASH})
    exporter.process.send_signal(signal.SIGHUP)
    stack.await_condition("it is mended", lambda: exporter.value(SUCCESSFUL) == "1")
    assert exporter.ask(user=("bob", OTHER_PASSWORD)).status == 200


def check_flood(exporter, prometheus):
    """Thousands of guesses leave the scrapes of those who are known alone."""
    stop = threading.Event()
    seen = []

    def guess(number):
        i = 0
        while not stop.is_set():
            i += 1
            with contextlib.suppress(OSError, http.client.HTTPException):
                seen.append(exporter.ask("/metrics", user=(f"user{number}", f"guess {i}")).status)

    threads = [threading.Thread(target=guess, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    begin = prometheus.last_scrape("good")
    try:
        stack.await_condition("five scrapes more", lambda: prometheus.last_scrape("good") > begin + 5, pause=0.2)
        # Somebody whose password is not known yet, from the same address, waits but is let in.
        stack.await_condition("a newcomer gets in", lambda: exporter.ask(user=("carol", OTHER_PASSWORD)).status == 200)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(seen) <= {401, 503} and 401 in seen, set(seen)


def check_health(bin_dir, exporter, directory):
    def run(*flags):
        command = [os.path.join(bin_dir, "serverspace_exporter"), "healthcheck", *flags]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=stack.PATIENCE_SECONDS, env=stack.clean_environment()
        )

    address = f"--web.listen-address={exporter.address}"
    good = run(address, f"--web.config.file={directory / 'web.yml'}")
    assert (good.returncode, good.stdout) == (0, "healthy\n"), good
    ignorant = run(address)
    assert ignorant.returncode == 1 and "speaks TLS" in ignorant.stdout, ignorant
    ignorant = run(f"--url=https://{exporter.address}/-/healthy")
    assert ignorant.returncode == 1 and "wants a password" in ignorant.stdout, ignorant
    (directory / "strict.yml").write_text(
        "tls_server_config: { cert_file: server.pem, key_file: server.key, client_ca_file: authority.pem,"
        " client_auth_type: RequireAndVerifyClientCert }\n"
    )
    strict = run(address, f"--web.config.file={directory / 'strict.yml'}")
    assert strict.returncode == 1 and "client certificate" in strict.stdout, strict


def check_start(bin_dir, directory, environment):
    """What is wrong at the start ends it with status 2 and the place."""
    (directory / "broken.yml").write_text("tls_server_config:\n  cert_file: nowhere.pem\n  key_file: server.key\n")
    for command in ([], ["check-config"]):
        ended = subprocess.run(
            [os.path.join(bin_dir, "serverspace_exporter"), *command, f"--web.config.file={directory / 'broken.yml'}",
             "--web.listen-address=127.0.0.1:0"],
            capture_output=True, text=True, timeout=stack.PATIENCE_SECONDS,
            env=stack.clean_environment(environment),
        )  # fmt: skip
        assert ended.returncode == 2, ended
        assert "broken.yml:2:14: tls_server_config.cert_file: " in ended.stderr, ended.stderr


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory) as simulator:
        environment = stack.environment_of(simulator)
        authority, stranger = Authority(directory, "authority"), Authority(directory, "stranger")
        authority.issue(directory / "server.pem", directory / "server.key")
        authority.issue(directory / "client.pem", directory / "client.key", "DNS:prometheus.example.com")
        stranger.issue(directory / "foreign.pem", directory / "foreign.key", "DNS:prometheus.example.com")
        known = {"cert_file": directory / "client.pem", "key_file": directory / "client.key"}
        foreign = {"cert_file": directory / "foreign.pem", "key_file": directory / "foreign.key"}
        check_start(bin_dir, directory, environment)

        web_config(directory / "web.yml", {"alice": HASH})
        strict_dir = directory / "strict"
        strict_dir.mkdir()
        web_config(
            directory / "certificates.yml",
            {"alice": HASH},
            "client_ca_file: authority.pem\nclient_auth_type: RequireAndVerifyClientCert\n"
            "client_allowed_sans: [ prometheus.example.com ]",
        )
        with contextlib.ExitStack() as programs:
            exporter = programs.enter_context(
                SecureExporter(
                    bin_dir, directory, authority, f"--web.config.file={directory / 'web.yml'}", "--web.enable-lifecycle",
                    environment=environment,
                )  # fmt: skip
            )
            exporter.context_ca = authority.ca
            strict = programs.enter_context(
                SecureExporter(
                    bin_dir, strict_dir, authority, f"--web.config.file={directory / 'certificates.yml'}",
                    environment=environment,
                )  # fmt: skip
            )
            strict.context.load_cert_chain(known["cert_file"], known["key_file"])
            exporter.await_ready()
            strict.await_ready()
            check_access(exporter)
            clients = {
                "good": scrape(authority),
                "wrong_password": scrape(authority, "wrong"),
                "wrong_authority": scrape(stranger),
                "certificate": scrape(authority, **known),
                "no_certificate": scrape(authority),
                "foreign_certificate": scrape(authority, **foreign),
            }
            scrape_configs = [
                {
                    "job_name": name,
                    "static_configs": [{"targets": [(strict if "certificate" in name else exporter).address]}],
                    **client,
                }
                for name, client in clients.items()
            ]
            with prometheus_server.Prometheus(
                directory, {"plain": exporter.address}, scrape_configs=scrape_configs
            ) as prometheus:
                for job in ["plain", *clients]:
                    up = 1 if job in ("good", "certificate") else 0
                    prometheus.await_value(f'up{{job="{job}"}}', up)
                begin = check_rotation(exporter, prometheus, authority, directory)
                check_mistakes(exporter, directory)
                check_flood(exporter, prometheus)
                check_health(bin_dir, exporter, directory)
                end = prometheus.last_scrape("good")
                [samples] = prometheus.samples('up{job="good"}', begin, end).values()
                assert len(samples) >= 5 and all(value == 1 for _, value in samples), samples
        for program in (exporter, strict):
            text = program.text()
            assert program.process.returncode == 0, text
            for secret in (PASSWORD, OTHER_PASSWORD, HASH, OTHER_HASH, HASH[7:40], "PRIVATE KEY", "Basic "):
                assert secret not in text, f"{secret} in the log"
            assert "guess" not in text
            key = (directory / "server.key").read_text().splitlines()[1]
            assert key not in text
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
