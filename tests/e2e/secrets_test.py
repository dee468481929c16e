#!/usr/bin/env python3
"""No secret leaves the exporter: not in a page, an error, a log line at any level, its arguments or its files.

Secrets here are the API keys and what the API's own answers carry: passwords, logins of applications, keys. The simulator
marks each of the latter with SIM-SECRET. They are looked for through every way out, while answers are good and while they
are bad in each way that quotes input: cut inside a secret, no JSON at all, an error envelope that holds a secret.
"""

import re
import sys

import stack

MARK = "SIM-SECRET"


def faults(key):
    envelope = '{"errors":[{"code":-1,"message":"key %s is wrong, password %s-1"}]}' % (key, MARK)
    yield {"kind": "raw", "status": 200, "body": '{"servers":[{"id":"l1s1","password":"%s-2' % MARK}
    yield {"kind": "raw", "status": 200, "body": "%s-3 is no JSON, neither is %s" % (MARK, key)}
    yield {"kind": "raw", "status": 200, "body": '{"servers":"%s-4"}' % MARK}
    yield {"kind": "raw", "status": 200, "body": '{"%s-5":{"%s":1}}' % (MARK, key)}
    for status in (400, 401, 404, 429, 500):
        yield {"kind": "raw", "status": status, "body": envelope}
    yield {"kind": "cut_length"}
    yield {"kind": "redirect", "status": 302, "location": "https://localhost/%s/%s" % (MARK, key)}


def check(what, text, keys):
    assert MARK not in text, f"a secret of an answer in {what}"
    for key in keys:
        # A part would help somebody who guesses the rest.
        for start in range(0, len(key) - 12, 6):
            assert key[start : start + 12] not in text, f"part of an API key in {what}"


def look_everywhere(exporter, keys, moment):
    for path in ("/metrics", "/", "/-/ready", "/-/healthy", "/nothing", "/metrics?collect[]=servers", "/metrics?x=" + keys[0]):
        answer = exporter.get(path)
        check(f"{path} {moment}", answer.text + str(answer.headers), keys)
    check(f"the log {moment}", exporter.text(), keys)
    for name in ("cmdline", "limits"):
        with open(f"/proc/{exporter.pid}/{name}", encoding="utf-8") as file:
            check(f"{name} {moment}", file.read(), keys)


def attempts(exporter):
    return [v for s, v in exporter.samples().items() if s.startswith("serverspace_collector_last_attempt_timestamp")]


def main(bin_dir):
    with stack.scratch() as directory, stack.Simulator(bin_dir, directory, "--projects", "2") as simulator:
        keys = [key.read_text().strip() for key in simulator.keys()]
        assert MARK in str(simulator.control("GET", "state")) or all(len(key) >= 40 for key in keys)
        config = stack.config_of(simulator, directory, "collectors: { project: { interval: 10s }, servers: { interval: 10s } }")
        with stack.Exporter(bin_dir, directory, "--config.file", config, "--log.level", "debug") as exporter:
            exporter.await_ready()
            look_everywhere(exporter, keys, "while all is well")
            # Core files would hold the keys.
            with open(f"/proc/{exporter.pid}/limits", encoding="utf-8") as file:
                assert re.search(r"Max core file size\s+0\s+0", file.read())
            assert exporter.stop() == 0

        for number, fault in enumerate(faults(keys[0])):
            simulator.control("DELETE", "faults")
            simulator.control("POST", "faults", fault)
            with stack.Exporter(bin_dir, directory, "--config.file", config, "--log.level", "debug") as exporter:
                exporter.await_ready()
                stack.await_condition("a failed run", lambda: "collector failed" in exporter.text())
                look_everywhere(exporter, keys, f"during fault {number}: {fault['kind']}")
                assert exporter.stop() == 0
        check("the log of all runs", exporter.text(), keys)

        # A key where it must not be is refused without being shown.
        for flag in (f"--api.base-url={keys[0]}", f"--log.level={keys[0]}", f"--{keys[0]}", f"--config.file={keys[0]}"):
            with stack.Program([f"{bin_dir}/serverspace_exporter", flag], directory / "refused.log") as program:
                assert program.process.wait(10) == 2, flag
                check(f"what is said of {flag.partition('=')[0][:14]}", program.text(), keys)


if __name__ == "__main__":
    main(sys.argv[1])
    print("no secret was seen outside")
