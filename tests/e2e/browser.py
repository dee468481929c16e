"""Drives headless chromium over its debugging pipe (Chrome DevTools Protocol). Standard library only."""

import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time

PATIENCE_SECONDS = 60

# The browser wants the pipe as descriptors 3 and 4; nothing else may stand there when they are put in place.
_LAUNCHER = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"


def find_browser():
    return shutil.which("chromium")


def _high(descriptor):
    """The same pipe end under a number that is not among the first ten."""
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return high


class Browser:
    """A browser with one page and an empty profile. Collects what the page asks for and complains about."""

    def __init__(self, directory):
        profile = pathlib.Path(directory) / "profile"
        to_read, to_write = (_high(fd) for fd in os.pipe())
        from_read, from_write = (_high(fd) for fd in os.pipe())
        self._log = open(pathlib.Path(directory) / "browser.log", "wb")
        self._process = subprocess.Popen(
            [
                sys.executable, "-c", _LAUNCHER, str(to_read), str(from_write), find_browser(),
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
                f"--user-data-dir={profile}", "about:blank",
            ],
            pass_fds=(to_read, from_write), stdout=self._log, stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "HOME": str(directory)},
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        self._write, self._read, self._buffer = to_write, from_read, b""
        self._id = 0
        self._loaded = False
        self.requests, self.complaints = [], []
        target = self._call("Target.createTarget", {"url": "about:blank"}, session=None)["targetId"]
        attached = self._call("Target.attachToTarget", {"targetId": target, "flatten": True}, session=None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._log.close()

    def call(self, method, **parameters):
        return self._call(method, parameters, self._session)

    def _call(self, method, parameters, session):
        self._id += 1
        number = self._id
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        answer = self._await(lambda got: got if got.get("id") == number else None)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _await(self, wanted):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            while b"\0" in self._buffer:
                raw, _, self._buffer = self._buffer.partition(b"\0")
                message = json.loads(raw)
                self._take(message)
                found = wanted(message)
                if found:
                    return found
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self._read], [], [], left)[0], "the browser does not answer"
            more = os.read(self._read, 1 << 20)
            assert more, "the browser ended"
            self._buffer += more

    def _take(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"]["text"])
        elif method == "Audits.issueAdded":
            self.complaints.append(json.dumps(parameters["issue"]))

    def look(self, width, scheme):
        """As a screen of that width with a light or dark scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        self._loaded = False
        self.requests.clear()
        self.complaints.clear()
        answer = self.call("Page.navigate", url=url)
        assert not answer.get("errorText"), f"{url}: {answer['errorText']}"
        if not self._loaded:
            self._await(lambda _: self._loaded)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path):
        """The page's first 4 000 pixels."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
