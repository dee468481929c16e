#!/usr/bin/env python3
"""The manifests of deploy/kubernetes: rendered by kubectl, held against the schemas of Kubernetes and prometheus-operator,
and run as far as one can without a cluster.

manifests_test.py BIN_DIR
"""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import exporter_image  # noqa: E402
import jail  # noqa: E402
import node  # noqa: E402
import stack  # noqa: E402

node.need_packages()
BIN_DIR = pathlib.Path(sys.argv.pop()).resolve()
KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAYS = sorted(path.name for path in (KUBERNETES / "overlays").iterdir())
COMPONENTS = sorted(path.name for path in (KUBERNETES / "components").iterdir())
NAME = "serverspace-exporter"
MAX_CONFIG_MAP_BYTES = 1 << 20
# `kubectl apply` keeps a copy of each manifest in an annotation.
MAX_APPLIED_BYTES = 1 << 18


def kustomize(directory):
    result = subprocess.run(["kubectl", "kustomize", directory], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "deprecated" not in result.stderr, result.stderr
    return [document for document in yaml.safe_load_all(result.stdout) if document]


@functools.cache
def rendered():
    return {name: kustomize(KUBERNETES / "overlays" / name) for name in OVERLAYS}


def examples():
    return {
        path.name: [document for document in yaml.safe_load_all(path.read_text()) if document]
        for path in sorted((KUBERNETES / "examples").iterdir())
    }


def one(manifests, kind, name=NAME):
    (found,) = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def of_kind(manifests, kind):
    return [m for m in manifests if m["kind"] == kind]


def pods(manifests):
    """The specification of each pod that the manifests make."""
    return {m["kind"]: m["spec"]["template"]["spec"] for m in manifests if m["kind"] in ("Deployment", "StatefulSet")}


def violations(pod):
    """What the pod security standard `restricted` has against a pod."""
    found = []
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
    found += [f"volume {v['name']}" for v in pod.get("volumes", []) if not set(v) - {"name"} <= allowed]
    found += [field for field in ("hostNetwork", "hostPID", "hostIPC") if pod.get(field)]
    for container in pod["containers"] + pod.get("initContainers", []):
        whole, own = pod.get("securityContext", {}), container.get("securityContext", {})
        merged = {**whole, **own}
        wanted = {
            "runAsNonRoot": merged.get("runAsNonRoot") is True,
            "runAsUser": merged.get("runAsUser") != 0,
            "seccompProfile": merged.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
            "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "privileged": not own.get("privileged"),
            "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
            # Not asked for by the standard, but promised here.
            "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is True,
            "resources": "memory" in container.get("resources", {}).get("requests", {}),
        }
        found += [f"{container['name']}: {what}" for what, good in wanted.items() if not good]
    return found


class FormTest(unittest.TestCase):
    def test_every_overlay_and_example_has_the_form_of_its_schema(self):
        everything = {**rendered(), **examples()}
        for name, manifests in everything.items():
            self.assertTrue(manifests, name)
        node.check("check_manifests.mjs", [manifest for manifests in everything.values() for manifest in manifests])

    def test_the_schemas_find_what_is_wrong(self):
        good = one(rendered()["plain"], "Deployment")
        for wrong in (("Recreate", "Recreat_e"), ("containerPort", "containerPart"), ("10066", '"10066"'), ("replicas", "replica")):
            with self.subTest(wrong), self.assertRaises(AssertionError):
                node.check("check_manifests.mjs", [json.loads(json.dumps(good).replace(*wrong))])

    def test_everything_is_small_enough_to_be_applied(self):
        for manifests in rendered().values():
            for manifest in manifests:
                self.assertLess(len(json.dumps(manifest)), MAX_APPLIED_BYTES, manifest["metadata"]["name"])

    def test_every_component_is_in_an_overlay(self):
        texts = "".join((KUBERNETES / "overlays" / name / "kustomization.yaml").read_text() for name in OVERLAYS)
        for component in COMPONENTS:
            self.assertIn(f"components/{component}\n", texts.replace("]", "\n"))

    def test_everything_is_labelled_and_in_the_namespace(self):
        for name, manifests in rendered().items():
            for manifest in manifests:
                with self.subTest(overlay=name, kind=manifest["kind"], name=manifest["metadata"]["name"]):
                    self.assertEqual(manifest["metadata"]["namespace"], "monitoring")
                    if manifest["metadata"]["name"].startswith(NAME):
                        self.assertEqual(manifest["metadata"]["labels"]["app.kubernetes.io/name"], NAME)


class SafetyTest(unittest.TestCase):
    def test_every_pod_is_restricted(self):
        for name, manifests in rendered().items():
            for kind, pod in pods(manifests).items():
                with self.subTest(overlay=name, kind=kind):
                    self.assertEqual(violations(pod), [])
                    self.assertIs(pod["automountServiceAccountToken"], False)

    def test_the_check_of_pods_finds_what_is_wrong(self):
        self.assertIn("x: runAsNonRoot", violations({"containers": [{"name": "x"}]}))
        self.assertIn("volume v", violations({"containers": [], "volumes": [{"name": "v", "hostPath": {}}]}))

    def test_the_network_policy_is_of_the_exporter_alone(self):
        for name in ("plain", "operator", "sharded"):
            manifests = rendered()[name]
            (workload,) = (m for m in manifests if m["kind"] in ("Deployment", "StatefulSet"))
            labels = workload["spec"]["template"]["metadata"]["labels"]
            policy = one(manifests, "NetworkPolicy")["spec"]
            self.assertEqual(policy["podSelector"]["matchLabels"].items() & labels.items(), {("app.kubernetes.io/name", NAME)})
            (source,) = policy["ingress"][0]["from"]
            self.assertEqual(source["podSelector"], {"matchLabels": {"app.kubernetes.io/name": "prometheus"}})
            self.assertEqual(source["namespaceSelector"], {})

    def test_keys_are_not_readable_by_others(self):
        for name, manifests in rendered().items():
            for pod in pods(manifests).values():
                for volume in pod["volumes"]:
                    if "secret" in volume:
                        self.assertEqual(volume["secret"]["defaultMode"], 0o440, name)
                        self.assertIn("fsGroup", pod["securityContext"])


class WiringTest(unittest.TestCase):
    def test_the_old_pod_ends_before_the_new_one_begins(self):
        for name in ("plain", "operator"):
            spec = one(rendered()[name], "Deployment")["spec"]
            self.assertEqual((spec["strategy"], spec["replicas"]), ({"type": "Recreate"}, 1))

    def test_selectors_and_ports_meet(self):
        for name in ("plain", "operator", "sharded"):
            with self.subTest(name):
                manifests = rendered()[name]
                (workload,) = (m for m in manifests if m["kind"] in ("Deployment", "StatefulSet"))
                labels = workload["spec"]["template"]["metadata"]["labels"]
                self.assertLessEqual(workload["spec"]["selector"]["matchLabels"].items(), labels.items())
                service = one(manifests, "Service")
                self.assertLessEqual(service["spec"]["selector"].items(), labels.items())
                ports = {port["name"]: port for port in workload["spec"]["template"]["spec"]["containers"][0]["ports"]}
                self.assertEqual(ports[service["spec"]["ports"][0]["targetPort"]]["containerPort"], 10066)
                for monitor in of_kind(manifests, "ServiceMonitor"):
                    self.assertLessEqual(
                        monitor["spec"]["selector"]["matchLabels"].items(), service["metadata"]["labels"].items()
                    )
                    self.assertEqual(monitor["spec"]["endpoints"][0]["port"], service["spec"]["ports"][0]["name"])
                for monitor in of_kind(manifests, "PodMonitor"):
                    self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(), labels.items())
                    self.assertIn(monitor["spec"]["podMetricsEndpoints"][0]["port"], ports)

    def test_monitors_have_a_timeout_below_their_interval(self):
        for manifests in rendered().values():
            for monitor in of_kind(manifests, "ServiceMonitor") + of_kind(manifests, "PodMonitor"):
                for endpoint in monitor["spec"].get("endpoints", monitor["spec"].get("podMetricsEndpoints")):
                    self.assertLess(int(endpoint["scrapeTimeout"].rstrip("s")), int(endpoint["interval"].rstrip("s")))

    def test_each_mount_has_its_volume(self):
        for name, manifests in rendered().items():
            for m in manifests:
                if m["kind"] not in ("Deployment", "StatefulSet"):
                    continue
                volumes = [v["name"] for v in m["spec"]["template"]["spec"]["volumes"]]
                volumes += [c["metadata"]["name"] for c in m["spec"].get("volumeClaimTemplates", [])]
                self.assertEqual(len(set(volumes)), len(volumes), name)
                for container in m["spec"]["template"]["spec"]["containers"]:
                    self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, set(volumes))

    def test_the_number_of_shards_is_that_of_the_pods(self):
        for count in (3, 5):
            with self.subTest(count), stack.scratch() as directory:
                copy = directory / "deploy/kubernetes"
                shutil.copytree(KUBERNETES, copy)
                shutil.copytree(ROOT / "grafana", directory / "grafana")
                overlay = copy / "overlays/sharded/kustomization.yaml"
                text = overlay.read_text()
                self.assertIn("count: 3 ", text)
                overlay.write_text(text.replace("count: 3 ", f"count: {count} "))
                spec = one(kustomize(overlay.parent), "StatefulSet")["spec"]
                self.assertEqual(spec["replicas"], count)
                args = spec["template"]["spec"]["containers"][0]["args"]
                self.assertEqual(args[1:], [f"--shard.count={count}", "--shard.index=auto"])
                self.assertEqual(spec["serviceName"], NAME)

    def test_the_kustomization_of_the_readme_works(self):
        (text,) = re.findall(r"```yaml\n(.*?)```", (KUBERNETES / "README.md").read_text(), re.DOTALL)
        with stack.scratch() as directory:
            shutil.copytree(KUBERNETES, directory / "serverspace-exporter/deploy/kubernetes")
            (directory / "kustomization.yaml").write_text(text)
            (directory / "config.yml").write_text("projects_dir: /run/secrets/mine\n")
            manifests = kustomize(directory)
        node.check("check_manifests.mjs", manifests)
        (volume,) = (v for v in pods(manifests)["Deployment"]["volumes"] if v["name"] == "config")
        config = one(manifests, "ConfigMap", volume["configMap"]["name"])
        self.assertEqual(config["data"], {"config.yml": "projects_dir: /run/secrets/mine\n"})
        (image,) = (c["image"] for c in pods(manifests)["Deployment"]["containers"])
        self.assertTrue(image.startswith("registry.example.com/"))
        self.assertTrue(of_kind(manifests, "ServiceMonitor"))

    def test_the_sidecar_leaves_prometheus_as_it_is(self):
        before = yaml.safe_load((KUBERNETES / "overlays/sidecar/prometheus.yaml").read_text())
        pod = pods(rendered()["sidecar"])["StatefulSet"]
        names = [container["name"] for container in pod["containers"]]
        self.assertCountEqual(names, ["prometheus", NAME])
        (original,) = before["spec"]["template"]["spec"]["containers"]
        (now,) = [container for container in pod["containers"] if container["name"] == "prometheus"]
        self.assertEqual(now, original)

    def test_the_example_for_the_operator_has_the_same_sidecar(self):
        (example,) = of_kind(examples()["prometheus-with-sidecar.yaml"], "Prometheus")
        component = yaml.safe_load((KUBERNETES / "components/sidecar/sidecar.yaml").read_text())["spec"]["template"]["spec"]
        (here,), (there,) = example["spec"]["containers"], component["containers"]
        self.assertEqual({**here, "image": NAME}, there)
        self.assertEqual(example["spec"]["volumes"], component["volumes"])

    def test_the_sidecar_has_variables_and_a_command_that_exist(self):
        component = yaml.safe_load((KUBERNETES / "components/sidecar/sidecar.yaml").read_text())
        (container,) = component["spec"]["template"]["spec"]["containers"]
        known = (ROOT / "docs/configuration.md").read_text()
        for variable in container["env"]:
            self.assertIn(f"`{variable['name']}`", known)
        image = exporter_image.image("exporter")
        self.assertEqual(container["livenessProbe"]["exec"]["command"], image.command("HEALTHCHECK"))
        self.assertEqual(str(container["securityContext"]["runAsUser"]), image.last("USER").partition(":")[0])


class GeneratedTest(unittest.TestCase):
    def test_the_rules_are_those_of_prometheus(self):
        check = subprocess.run([KUBERNETES / "generate.py", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stderr)
        wanted = []
        for path in sorted((ROOT / "deploy/prometheus/rules").glob("*.yml")):
            wanted += yaml.safe_load(path.read_text())["groups"]
        self.assertEqual(one(rendered()["operator"], "PrometheusRule")["spec"], {"groups": wanted})

    def test_the_dashboards_are_those_of_grafana(self):
        files = {path.name: json.loads(path.read_text()) for path in (ROOT / "grafana/dashboards").glob("*.json")}
        self.assertTrue(files)
        found = {}
        for config_map in of_kind(rendered()["operator"], "ConfigMap"):
            labels = config_map["metadata"]["labels"]
            if "grafana_dashboard" not in labels:
                continue
            self.assertEqual(labels["grafana_dashboard"], "1")
            self.assertLess(sum(len(text.encode()) for text in config_map["data"].values()), MAX_CONFIG_MAP_BYTES)
            found.update({name: json.loads(text) for name, text in config_map["data"].items()})
        self.assertEqual(found, files)


@unittest.skipUnless(jail.can_jail(), "needs root and namespaces")
class RunTest(unittest.TestCase):
    """The container of a workload with its arguments, configuration, Secret, user, volumes and host name."""

    def setUp(self):
        self.directory = self.enterContext(stack.scratch())
        self.directory.chmod(0o755)
        self.simulator = self.enterContext(stack.Simulator(BIN_DIR, self.directory, "--projects", "6"))
        self.names = {key.name for key in self.simulator.keys()}
        self.jail = exporter_image.jail_of_exporter(self.directory, BIN_DIR)
        self.jail.add(self.simulator.ca_file, "/etc/ca.pem")

    def mount(self, at, files, mode, group):
        """As kubelet does it: links to a hidden folder that is replaced as a whole."""
        root = self.jail.folder(at)
        data = root / "..2026_11_25"
        data.mkdir()
        (root / "..data").symlink_to(data.name)
        for file, text in files.items():
            (data / file).write_text(text)
            os.chown(data / file, 0, group)
            (data / file).chmod(mode)
            (root / file).symlink_to(f"..data/{file}")

    def prepare(self, manifests, kind):
        """Fills the volumes of the one container of a workload; answers a function that starts it."""
        pod = pods(manifests)[kind]
        (container,) = pod["containers"]
        context = pod["securityContext"]
        at = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        config = one(manifests, "ConfigMap", volumes["config"]["configMap"]["name"])
        self.mount(at["config"], config["data"], 0o644, 0)
        keys = {key.name: key.read_text() for key in self.simulator.keys()}
        self.mount(at["keys"], keys, volumes["keys"]["secret"]["defaultMode"], context["fsGroup"])
        self.jail.folder(at["state"])
        command = [*exporter_image.image("exporter").command("ENTRYPOINT"), *container["args"], "--web.port-file", "/tmp/port"]
        environment = {
            "SERVERSPACE_HOST": f"https://127.0.0.1:{self.simulator.port}",
            "SERVERSPACE_CA_FILE": "/etc/ca.pem",
            "SERVERSPACE_WEB_LISTEN_ADDRESS": "127.0.0.1:0",
        }

        def start(host):
            words = self.jail.command(command, context["runAsUser"], ["/tmp", at["state"]], host)
            return self.enterContext(stack.Program(words, self.directory / f"{host}.log", environment))

        return container, start

    def ask(self, exporter, path):
        """The answer of a route, or None if it is not good."""
        address = exporter.await_file(pathlib.Path(f"/proc/{exporter.pid}/root/tmp/port"))
        result = subprocess.run(["curl", "-fsS", f"http://{address}{path}"], capture_output=True, text=True, check=False)
        return result.stdout if result.returncode == 0 else None

    def page(self, exporter):
        """Once the exporter is ready."""
        stack.await_condition("ready", lambda: self.ask(exporter, "/-/ready"))
        return self.ask(exporter, "/metrics")

    def test_reads_each_project_of_the_secret(self):
        container, start = self.prepare(rendered()["plain"], "Deployment")
        exporter = start(NAME)
        for name in ("livenessProbe", "readinessProbe"):
            probe = container[name]["httpGet"]
            self.assertEqual(probe["port"], container["ports"][0]["name"])
            stack.await_condition(probe["path"], lambda p=probe: self.ask(exporter, p["path"]))
        page = self.page(exporter)
        self.assertEqual(up(page), {name: "1" for name in self.names})
        self.assertRegex(page, r"(?m)^serverspace_exporter_state_persistent 1")
        # Some of the simulator's projects have other currencies than the thresholds of the manifest.
        expected = r"(?!msg=\"no balance threshold is configured for the currency )"
        complaints = re.findall(rf"^.* level=(?:warn|error) {expected}.*$", exporter.text(), re.M)
        self.assertEqual(complaints, [])

    def test_shards_share_the_projects(self):
        manifests = rendered()["sharded"]
        _, start = self.prepare(manifests, "StatefulSet")
        shards = [start(f"{NAME}-{index}") for index in range(one(manifests, "StatefulSet")["spec"]["replicas"])]
        seen = [up(self.page(shard)) for shard in shards]
        self.assertGreater(sum(1 for projects in seen if projects), 1)
        self.assertEqual(sorted(name for projects in seen for name in projects), sorted(self.names))
        self.assertEqual({value for projects in seen for value in projects.values()}, {"1"})


def up(page):
    return dict(re.findall(r'^serverspace_up\{project="([^"]+)"\} (\d)', page, re.MULTILINE))


if __name__ == "__main__":
    unittest.main()
