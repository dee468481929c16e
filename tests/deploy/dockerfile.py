"""Reads Dockerfiles and .dockerignore, as far as this project uses them."""

import fnmatch
import json
import re
import shlex


class Dockerfile:
    """The instructions of each stage in order, as (name, text); variables are not replaced."""

    def __init__(self, path):
        text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
        lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
        self.stages = []
        for line in lines:
            name, _, rest = line.partition(" ")
            if name == "FROM":
                self.stages.append([])
            self.stages[-1].append((name, re.sub(r"\s+", " ", rest.strip())))

    def all(self, name, stage):
        return [text for instruction, text in self.stages[stage] if instruction == name]

    def last(self, name):
        """The text of the last such instruction of the image itself."""
        return self.all(name, -1)[-1]

    def command(self, name):
        """The words of ENTRYPOINT or HEALTHCHECK."""
        return json.loads(re.search(r"\[.*\]", self.last(name))[0])

    def packages(self, stage):
        """What the stage installs by name."""
        names = []
        for text in self.all("RUN", stage):
            for install in re.findall(r"apt-get install ([^&|]*)", text):
                names += [word for word in install.split() if not word.startswith("-")]
        return names

    def copied(self):
        """What is copied from the build's context."""
        sources = []
        for stage in range(len(self.stages)):
            for text in self.all("COPY", stage):
                words = shlex.split(text)
                if not words[0].startswith("--from"):
                    sources += words[:-1]
        return sources

    def labels(self):
        return dict(re.findall(r'([\w.]+)="([^"]*)"', " ".join(self.all("LABEL", -1))))

    def arguments(self):
        return dict(text.partition("=")[::2] for text in self.all("ARG", -1))


def is_ignored(path, ignore_file):
    """Whether a path is left out of the context. Exceptions (`!`) are not used here."""
    patterns = [line for line in ignore_file.read_text().splitlines() if line and not line.startswith("#")]
    assert not any(pattern.startswith("!") for pattern in patterns)
    parts = path.split("/")
    prefixes = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for pattern in patterns:
        anywhere = pattern.removeprefix("**/")
        for prefix in prefixes:
            name = prefix if anywhere == pattern else prefix.rpartition("/")[2]
            if fnmatch.fnmatch(name, anywhere):
                return True
    return False
