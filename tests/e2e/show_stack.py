#!/usr/bin/env python3
"""Simulator, exporter, Prometheus with the shipped rules and Alertmanager with the shipped routes, for people to look at.

show_stack.py BIN_DIR [--servers N] [--port N] [--once] [--story]

With --story a task fails, the money runs low, a server hangs and another is blocked, then all becomes well: alerts fire
and resolve within two minutes, and messages are printed as they would arrive. With --once it ends after that, and fails if a message
is missing; else it runs until Ctrl-C.
"""

import argparse
import contextlib
import signal
import sys
import time

import stack
from alert_stack import Alertmanager, Inbox, fast_rules
from prometheus_server import Prometheus

PROJECT = "project-0"
CONFIG = """\
collectors: {{ project: {{ interval: 10s }}, servers: {{ interval: 10s }} }}
thresholds: {{ balance: {{ USD: {{ warning: 50, critical: 10 }} }} }}
tasks: {{ watch: [{tasks}], keep_finished: 30s }}
state_file: {state}"""
STUCK_SECONDS = 10

# What is told, what happens, and the beginning of the message that it makes.
SLOW, SICK, SMALL = "db-slow", "web-sick", "app-small"
FAILED = f"UpdateServer of server {SMALL} in {PROJECT} has failed"
STORY = [
    ("A script resizes a server and writes the task's id to the watched file; the task fails.", [(SMALL, None)], FAILED),
    ("Somebody resizes a server, and it hangs.", [(SLOW, {"state": "Busy"})], f"Server {SLOW} of {PROJECT} is busy for too long"),
    ("Money runs low.", [(None, {"balance": "49.50"})], f"{PROJECT} has only 49.50 USD left"),
    ("Nobody reads mail on Friday evening.", [(None, {"balance": "9.25"})], f"CRITICAL: {PROJECT} is nearly out of money: 9.25 USD"),
    ("The provider blocks a server.", [(SICK, {"state": "Blocked"})], f"CRITICAL: Server {SICK} of {PROJECT} is blocked"),
    ("Somebody wakes up and pays; the server returns.", [(None, {"balance": "500"}), (SICK, {"state": "Active"})],
     f"Over. It was: Server {SICK} of {PROJECT} is blocked"),
    ("Support releases the one that hangs.", [(SLOW, {"state": "Active"})],
     f"Over. It was: Server {SLOW} of {PROJECT} is busy for too long"),
]  # fmt: skip


def say(text):
    print(text, flush=True)


class Messages:
    """What came to the chat, printed once each."""

    def __init__(self, inbox):
        self._inbox = inbox
        self._printed = 0

    def show(self):
        messages = [body["attachments"][0] for _, body in self._inbox.messages("/slack")]
        for message in messages[self._printed :]:
            say(f"    [#ops] {message['title']}")
        self._printed = len(messages)
        return [message["title"] for message in messages]


def resize(simulator, server, watched):
    """What a script does: it orders a change and hands over the id of the task. This one is fated to fail."""
    task = {
        "project": PROJECT, "type": "UpdateServer", "duration_seconds": 2, "outcome": "Failed",
        "resources": [{"type": "server", "id": server}],
    }  # fmt: skip
    task_id = simulator.control("POST", "tasks", task)["task_id"]
    with open(watched, "a", encoding="utf-8") as file:
        file.write(f"{task_id} {PROJECT}\n")


def tell(simulator, ids, watched, messages):
    for number, (text, changes, title) in enumerate(STORY, 1):
        say(f"{number}. {text}")
        for name, change in changes:
            if change is None:
                resize(simulator, ids[name], watched)
                continue
            path = f"projects/{PROJECT}" + (f"/servers/{ids[name]}" if name else "")
            simulator.control("PATCH", path, change)
        stack.await_condition(f"a message: {title}", lambda t=title: t in messages.show(), pause=0.2)
    # The failed task is dropped some time after its end.
    for over in (f"Over. It was: {PROJECT} is nearly out of money: 9.25 USD", f"Over. It was: {FAILED}"):
        stack.await_condition(f"a message: {over}", lambda t=over: t in messages.show(), pause=0.2)


def add_servers(simulator, count):
    """Servers in a quiet state, so that the story alone makes alerts; answers the ids of its heroes."""
    added = simulator.control("POST", f"projects/{PROJECT}/servers", {"count": max(count, 3), "state": "Active"})["ids"]
    ids = dict(zip((SLOW, SICK, SMALL), added))
    for name, server in ids.items():
        simulator.control("PATCH", f"projects/{PROJECT}/servers/{server}", {"name": name})
    simulator.control("PATCH", f"projects/{PROJECT}", {"first_balance": "120", "currency": "USD"})
    return ids


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin_dir")
    parser.add_argument("--servers", type=int, default=12)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--story", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as programs, contextlib.suppress(KeyboardInterrupt):
        directory = programs.enter_context(stack.scratch())
        simulator = programs.enter_context(stack.Simulator(options.bin_dir, directory, "--servers", "0"))
        ids = add_servers(simulator, options.servers)
        watched = directory / "tasks"
        config = stack.config_of(simulator, directory, CONFIG.format(state=directory / "state.json", tasks=watched))
        listen = f"127.0.0.1:{options.port}"
        exporter = programs.enter_context(
            stack.Exporter(options.bin_dir, directory, "--config.file", config, listen=listen)
        ).await_ready()
        inbox = programs.enter_context(Inbox())
        alertmanager = programs.enter_context(Alertmanager(directory, inbox))
        rules = fast_rules(directory, STUCK_SECONDS)
        prometheus = programs.enter_context(
            Prometheus(directory, {"serverspace": exporter.address}, rules, [alertmanager.address])
        )
        say(f"exporter       http://{exporter.address}/ and /metrics")
        say(f"Prometheus     http://{prometheus.address}/alerts")
        say(f"Alertmanager   http://{alertmanager.address}/api/v2/alerts (Debian's package has no pages)")
        say("Waits of the rules are a second here, and an hour of a busy server is ten seconds.")
        say("The simulated project has troubles of its own: an application, a domain and a VMware server make messages too.")
        prometheus.await_value("serverspace_project_balance", 120)
        messages = Messages(inbox)
        begin = time.monotonic()
        if options.story:
            tell(simulator, ids, watched, messages)
            say(f"The story took {time.monotonic() - begin:.0f} s.")
        if not options.once:
            say("running until Ctrl-C; messages are printed as they come")
            while exporter.process.poll() is None:
                messages.show()
                time.sleep(0.5)
            sys.exit("the exporter has ended")


if __name__ == "__main__":
    main()
