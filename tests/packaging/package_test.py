#!/usr/bin/env python3
"""The Debian package is built, linted, installed, upgraded, removed and purged, in a root of its own.

dpkg works on that root from outside (`--root`, with maintainer scripts that know $DPKG_ROOT), so nothing is installed on
this machine and no other system has to be made first.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

NAME = "serverspace-exporter"
UNIT = NAME + ".service"
# What dpkg and its scripts need to find; the rest comes with the package.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command, check=True, **options):
    done = subprocess.run([str(c) for c in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def build(build_dir, scratch):
    run("cpack", "-G", "DEB", "--config", build_dir / "CPackConfig.cmake", "-B", scratch / "built", cwd=scratch)
    (package,) = (scratch / "built").glob("*.deb")
    return package


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def check_control(source, package):
    version = re.search(r"project\(serverspace_exporter VERSION ([\d.]+)", (source / "CMakeLists.txt").read_text())[1]
    assert field(package, "Version") == version + "-1", field(package, "Version")
    logged = run("dpkg-parsechangelog", "-l", source / "deploy/debian/changelog", "-S", "Version").strip()
    assert logged == version + "-1", f"deploy/debian/changelog is of {logged}"
    assert package.name == f"{NAME}_{version}-1_{run('dpkg', '--print-architecture').strip()}.deb"
    depends = field(package, "Depends")
    # What the program is linked with is asked of the libraries, so that a package of another Debian asks for others.
    assert "libssl3" in depends and "libc6" in depends and "libstdc++6" in depends, depends
    # All of it is here, in versions that are asked for. (An empty file stands for debian/control.)
    run("dpkg-checkbuilddeps", "-d", depends, "/dev/null")


def listed(package):
    """{path: mode, owner} of what is in the package."""
    files = {}
    for line in run("dpkg-deb", "--contents", package).splitlines():
        mode, owner, _, _, _, path = line.split(None, 5)
        files[path.lstrip(".")] = mode, owner
    return files


def check_contents(source, package):
    files = listed(package)
    doc = f"/usr/share/doc/{NAME}"
    for path in [
        "/usr/bin/serverspace_exporter",
        f"/lib/systemd/system/{UNIT}",
        f"/lib/systemd/system/{NAME}.socket",
        f"/etc/{NAME}/config.yml",
        f"/etc/default/{NAME}",
        "/usr/share/man/man1/serverspace_exporter.1.gz",
        "/usr/share/bash-completion/completions/serverspace_exporter",
        f"{doc}/copyright",
        f"{doc}/changelog.Debian.gz",
        f"{doc}/changelog.gz",
        f"{doc}/README.Debian",
        f"{doc}/examples/serverspace-exporter.yml",
    ]:
        assert path in files, f"{path} is not in the package"
    for folder, pattern, installed in [
        ("deploy/prometheus/rules", "*.yml", f"/usr/share/{NAME}/prometheus/rules"),
        ("grafana/dashboards", "*.json", f"/usr/share/{NAME}/grafana/dashboards"),
        ("grafana/provisioning/dashboards", "*.yml", f"/usr/share/{NAME}/grafana/provisioning/dashboards"),
        ("grafana/provisioning/datasources", "*.yml", f"/usr/share/{NAME}/grafana/provisioning/datasources"),
        ("docs", "*.md", f"{doc}/docs"),
    ]:
        names = [path.name for path in (source / folder).glob(pattern)]
        assert names, folder
        for name in names:
            assert f"{installed}/{name}" in files, f"{name} is not in {installed}"
    assert files[f"/etc/{NAME}/keys/"][0] == "drwx------", files[f"/etc/{NAME}/keys/"]
    for path, (mode, owner) in files.items():
        assert owner == "root/root", f"{path} belongs to {owner}"
        program = path == "/usr/bin/serverspace_exporter" or path.endswith("/")
        if path != f"/etc/{NAME}/keys/":
            assert mode[1:] == ("rwxr-xr-x" if program else "rw-r--r--"), f"{path} has the mode {mode}"


def check_lint(package):
    print(run("lintian", "--allow-root", "--no-cfg", "--profile", "debian", "--fail-on", "error,warning", package), end="")


class Root:
    """A system with dpkg's database and nothing else."""

    def __init__(self, directory):
        self.path = directory
        database = directory / "var/lib/dpkg"
        for part in ("info", "updates", "triggers"):
            (database / part).mkdir(parents=True)
        (database / "status").touch()
        (directory / "etc/systemd/system").mkdir(parents=True)

    def dpkg(self, *action):
        command = ["dpkg", f"--root={self.path}", "--force-script-chrootless", "--force-depends", "--force-confold", *action]
        if os.geteuid() != 0:
            command = ["fakeroot", *command[:2], "--force-not-root", *command[2:]]
        return run(*command, env={"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"})

    def systemctl(self, *words):
        return run("systemctl", f"--root={self.path}", *words, check=False).strip()

    def file(self, path):
        return self.path / path.lstrip("/")

    def tree(self):
        """All paths but those of dpkg's own."""
        found = set()
        for folder, folders, files in os.walk(self.path):
            relative = pathlib.Path(folder).relative_to(self.path)
            found |= {str(relative / name) for name in [*folders, *files]}
        return {path for path in found if not path.startswith(("var/lib/dpkg", "var/log"))}


def next_version(package, scratch):
    """The package with a later version and other conffiles."""
    tree = scratch / "next"
    run("dpkg-deb", "--raw-extract", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: 99.0-1", control.read_text()))
    for path in (f"etc/{NAME}/config.yml", f"etc/default/{NAME}"):
        with open(tree / path, "a") as file:
            file.write("# of the next version\n")
    # They are checked when they are installed.
    (tree / "DEBIAN/md5sums").unlink(missing_ok=True)
    return pathlib.Path(run("dpkg-deb", "--root-owner-group", "--build", tree, scratch / "next.deb") and scratch / "next.deb")


def check_life(package, upgrade, root):
    before = root.tree()
    root.dpkg("--install", package)
    program = root.file("/usr/bin/serverspace_exporter")
    assert run(program, "--version").startswith("serverspace_exporter "), run(program, "--version")
    sections = run("readelf", "--sections", "--wide", program)
    assert ".symtab" not in sections and ".debug_info" not in sections, "the program is not stripped"
    print(f"the program has {program.stat().st_size / 1e6:.2f} MB, the package {package.stat().st_size / 1e6:.2f} MB")
    assert root.systemctl("is-enabled", UNIT) == "disabled", "it would start without a key"

    # An administrator at work.
    root.systemctl("enable", UNIT)
    assert root.systemctl("is-enabled", UNIT) == "enabled"
    key = root.file(f"/etc/{NAME}/keys/production")
    key.write_text("04example\n")
    root.file(f"/etc/{NAME}/api-key").write_text("04example\n")
    config = root.file(f"/etc/{NAME}/config.yml")
    config.write_text("stale_after: 20m\n")
    # Where DynamicUser= puts it, with the link that is in its place.
    state = root.file(f"/var/lib/private/{NAME}/state.json")
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    root.file(f"/var/lib/{NAME}").symlink_to(f"private/{NAME}")

    # With the credential as systemd would hand it over, the installed configuration is good.
    credentials = root.path.parent / "credentials"
    credentials.mkdir()
    (credentials / "api-key_production").write_text("l5example\n")
    (credentials / "api-key_production").chmod(0o600)
    check = run(
        program, "check-config",
        env={"SERVERSPACE_CONFIG_FILE": str(config), "CREDENTIALS_DIRECTORY": str(credentials),
             "SERVERSPACE_HOST": "https://api.example.com"},
    )  # fmt: skip
    assert "production" in check, check

    root.dpkg("--install", upgrade)
    assert config.read_text() == "stale_after: 20m\n", "a changed conffile was replaced"
    assert config.with_name("config.yml.dpkg-dist").read_text().endswith("# of the next version\n")
    assert root.file(f"/etc/default/{NAME}").read_text().endswith("# of the next version\n"), "an unchanged one was not"
    assert key.exists() and state.exists()
    assert root.systemctl("is-enabled", UNIT) == "enabled"

    root.dpkg("--remove", NAME)
    assert not program.exists()
    assert config.exists() and key.exists() and state.exists(), "a removal keeps what may be wanted again"
    assert not root.file(f"/lib/systemd/system/{UNIT}").exists()

    root.dpkg("--install", package)
    assert root.systemctl("is-enabled", UNIT) == "enabled", "it was before"
    root.dpkg("--purge", NAME)
    # Folders that Debian's base system has.
    system = re.compile(r"(usr|lib|etc|var)(/(bin|share|lib|systemd|default|private|system|man|man1|doc|lintian|overrides))*"
                        r"(/bash-completion(/completions)?|/multi-user.target.wants)?|var/lib/systemd.*")  # fmt: skip
    left = {path for path in root.tree() - before if not system.fullmatch(path)}
    assert not left, f"left after a purge: {sorted(left)}"
    helper = [p for p in root.file("/var/lib/systemd").rglob("*") if p.is_file()]
    assert not helper, f"left after a purge: {helper}"


def main(source, build_dir):
    with tempfile.TemporaryDirectory(prefix="serverspace-package-") as directory:
        scratch = pathlib.Path(directory)
        # Others may run the programs in it.
        scratch.chmod(0o755)
        package = build(build_dir, scratch)
        check_control(source, package)
        check_contents(source, package)
        check_lint(package)
        (scratch / "root").mkdir()
        check_life(package, next_version(package, scratch), Root(scratch / "root"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    print("the package installs, upgrades, removes and purges")
