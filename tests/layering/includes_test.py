#!/usr/bin/env python3
"""Proves on small trees that includes.py passes what is right and finds what is wrong."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import includes


class IncludesTest(unittest.TestCase):
    def check(self, path, *lines):
        """The problems of a tree that is one file."""
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True)
            file.write_text("".join(line + "\n" for line in lines))
            return includes.problems(root)

    def assert_good(self, path, include):
        self.assertEqual(self.check(path, f"#include {include}"), [])

    def assert_bad(self, path, include, text):
        found = self.check(path, "#pragma once", f"#include {include}")
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: "), found)
        self.assertIn(text, found[0])

    def test_lower_layers_are_open(self):
        for path, header in [
            ("src/http/a.cc", "base/result.h"),
            ("src/http/a.h", "http/transport.h"),
            ("src/api/a.cc", "http/transport.h"),
            ("src/collectors/a.cc", "metrics/desc.h"),
            ("src/collectors/list.inc", "api/types.h"),
            ("src/tasks/a.cc", "collectors/collector.h"),
            ("src/exporter/a.cc", "tasks/book.h"),
            ("src/server/a.cc", "exporter/exporter.h"),
            ("src/app/main.cc", "server/listener.h"),
            ("tests/base/a_test.cc", "app/serve.h"),
            ("tests/simulator/a.cc", "simulator/world.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_good(path, f'"{header}"')

    def test_higher_layers_are_closed(self):
        for path, header in [
            ("src/base/a.cc", "http/transport.h"),
            ("src/base/a.h", "metrics/desc.h"),
            ("src/http/a.cc", "api/types.h"),
            ("src/http/a.cc", "config/config.h"),
            ("src/config/a.cc", "http/transport.h"),
            ("src/config/a.cc", "collectors/registry.h"),
            ("src/metrics/a.cc", "api/types.h"),
            ("src/metrics/a.cc", "config/config.h"),
            ("src/api/a.cc", "metrics/desc.h"),
            ("src/api/a.cc", "collectors/collector.h"),
            ("src/collectors/a.cc", "http/transport.h"),
            ("src/collectors/a.cc", "tasks/book.h"),
            ("src/collectors/list.inc", "exporter/poller.h"),
            ("src/tasks/a.cc", "exporter/poller.h"),
            ("src/exporter/a.cc", "server/listener.h"),
            ("src/server/a.cc", "app/serve.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_bad(path, f'"{header}"', "must not know")

    def test_sources_do_not_include_tests(self):
        self.assert_bad("src/api/a.cc", '"simulator/world.h"', "simulator is no layer")
        self.assert_bad("src/api/a.cc", '"tests/simulator/world.h"', "tests is no layer")

    def test_a_folder_without_a_row_is_found(self):
        found = self.check("src/extra/a.cc", "int x;")
        self.assertEqual(found, ["src/extra/a.cc:1: extra is no layer of tests/layering/includes.py"])

    def test_paths_start_at_the_root_of_the_sources(self):
        self.assert_bad("src/api/a.cc", '"types.h"', 'as "folder/types.h"')
        self.assert_bad("src/api/a.cc", '"../base/result.h"', 'as "folder/result.h"')
        self.assert_bad("src/api/a.cc", '"api/../server/listener.h"', 'as "folder/listener.h"')
        self.assert_bad("tests/api/a_test.cc", '"../server/client.h"', 'as "folder/client.h"')
        self.assert_good("tests/api/a_test.cc", '"fake_transport.h"')

    def test_time_by_hand_is_for_tests(self):
        self.assert_good("tests/api/a_test.cc", '"base/fake_clock.h"')
        self.assert_bad("src/exporter/a.cc", '"base/fake_clock.h"', "belongs in")

    def test_libraries_are_known_in_their_place(self):
        for path, header in [
            ("src/http/a.cc", "httplib.h"),
            ("tests/simulator/a.cc", "httplib.h"),
            ("src/server/a.cc", "boost/asio/post.hpp"),
            ("src/server/a.cc", "openssl/ssl.h"),
            ("src/exporter/state_file.cc", "nlohmann/json.hpp"),
            ("src/server/sd_route.cc", "nlohmann/json.hpp"),
            ("tests/simulator/a.h", "nlohmann/json_fwd.hpp"),
            ("src/config/a.cc", "yaml-cpp/yaml.h"),
            ("src/metrics/a.cc", "zlib.h"),
            ("src/metrics/a.cc", "prometheus/counter.h"),
            ("src/base/log.cc", "spdlog/spdlog.h"),
            ("src/app/command_line.cc", "CLI/CLI.hpp"),
            ("tests/api/a_test.cc", "gtest/gtest.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_good(path, f"<{header}>")

    def test_libraries_stay_in_their_place(self):
        for path, header in [
            ("src/http/a.h", "httplib.h"),
            ("src/api/a.cc", "httplib.h"),
            ("src/server/a.h", "boost/asio/post.hpp"),
            ("src/app/a.cc", "boost/asio/post.hpp"),
            ("src/api/a.cc", "openssl/ssl.h"),
            ("src/http/a.h", "openssl/ssl.h"),
            ("src/api/a.cc", "nlohmann/json.hpp"),
            ("src/exporter/poller.cc", "nlohmann/json.hpp"),
            ("src/server/listener.cc", "nlohmann/json.hpp"),
            ("src/config/a.h", "yaml-cpp/yaml.h"),
            ("src/app/a.cc", "yaml-cpp/yaml.h"),
            ("src/server/a.cc", "zlib.h"),
            ("src/exporter/a.cc", "prometheus/counter.h"),
            ("src/metrics/a.h", "prometheus/counter.h"),
            ("src/base/text.cc", "spdlog/spdlog.h"),
            ("src/base/log.h", "fmt/format.h"),
            ("src/app/main.cc", "CLI/CLI.hpp"),
            ("src/base/a.cc", "gtest/gtest_prod.h"),
            ("src/base/a.cc", "benchmark/benchmark.h"),
        ]:
            with self.subTest(path=path, header=header):
                self.assert_bad(path, f"<{header}>", f"{header} belongs in")
                self.assert_bad(path, f'"{header}"', f"{header} belongs in")

    def test_a_library_without_a_row_is_found(self):
        self.assert_bad("src/http/a.cc", "<curl/curl.h>", "is in no table")
        self.assert_bad("src/api/a.cc", "<base/result.h>", "is in no table")
        self.assert_bad("src/api/a.cc", "<json.h>", "is in no table")

    def test_the_system_is_open(self):
        for header in ["vector", "cstdint", "unistd.h", "sys/socket.h", "netinet/tcp.h", "linux/tls.h"]:
            self.assert_good("src/http/a.cc", f"<{header}>")

    def test_every_way_to_write_it_is_seen(self):
        for line in ['  #  include "app/serve.h"', '#include"app/serve.h"', '#include "app/serve.h"  // for x']:
            self.assertEqual(len(self.check("src/base/a.cc", line)), 1, line)
        self.assert_bad("src/base/a.cc", "HEADER_BY_MACRO", "cannot be read")

    def test_every_problem_is_told(self):
        found = self.check("src/base/a.cc", '#include "app/a.h"', "#include <vector>", "#include <httplib.h>")
        self.assertEqual([line.split(":")[1] for line in found], ["1", "3"])

    def test_the_program_fails_with_its_findings(self):
        with tempfile.TemporaryDirectory() as root:
            run = lambda: subprocess.run(
                [sys.executable, includes.__file__, root], capture_output=True, text=True, check=False
            )
            self.assertEqual(run().returncode, 1, "a tree without sources must not pass")
            file = pathlib.Path(root, "src/base/a.cc")
            file.parent.mkdir(parents=True)
            file.write_text('#include "base/a.h"\n')
            self.assertEqual(run().returncode, 0)
            file.write_text('#include "app/a.h"\n')
            result = run()
            self.assertEqual(result.returncode, 1)
            self.assertIn("base must not know app", result.stdout)


if __name__ == "__main__":
    unittest.main()
