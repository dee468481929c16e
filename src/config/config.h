#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/secret.h"
#include "base/url.h"
#include "config/shard.h"

namespace serverspace::config {

/// When to warn of a low balance, in the project's currency.
struct BalanceThresholds {
  std::optional<Money> warning;
  std::optional<Money> critical;
};

/// What may be set per collector; the defaults come from the collector table.
struct CollectorSettings {
  bool enabled = false;
  Duration interval{};
  Duration stale_after{};  ///< Already at least three intervals.
};

/// Where a key comes from: a file, which may be replaced while we run, or the
/// environment.
struct KeySource {
  std::string file = {};  ///< Empty if the key was given itself.
  Secret key;             ///< As read at start.
};

struct ProjectSettings {
  std::string name;  ///< The `project` label.
  KeySource key;
  HttpsUrl base_url;
  std::optional<WallTime> api_key_expires;
  BalanceThresholds
      balance;  ///< Of this project; where empty, those of its currency count.
};

struct ApiSettings {
  Duration timeout =
      std::chrono::seconds(20);        ///< One attempt, DNS and TLS included.
  double max_requests_per_second = 5;  ///< Per project.
  std::string ca_file;                 ///< In addition to the system's.
  std::string proxy_url;               ///< May hold a password: not for logs.
  std::string no_proxy;
};

/// Ids of tasks to watch, and how long an ended one is still shown.
struct TaskSettings {
  std::vector<std::string> watch;  ///< Files and directories.
  Duration keep_finished = std::chrono::hours(1);
};

struct WebSettings {
  std::vector<std::string> listen_addresses = {":10066"};
  int max_connections = 512;
  bool enable_lifecycle = false;  ///< Whether POST /-/reload is obeyed.
  bool enable_task_api = false;   ///< Whether /api/v1/tasks is there.
  /// Whether to serve on the sockets of a socket unit; then there are no
  /// addresses.
  bool systemd_socket = false;
  std::string config_file;  ///< TLS and users; empty for neither.
};

/// Everything that can be set, complete and checked. A value: reload makes
/// another one.
struct Config {
  ApiSettings api;
  std::map<std::string, CollectorSettings>
      collectors;  ///< By name; every collector is in it.
  Duration stale_after = std::chrono::minutes(10);  ///< As set; the collectors'
                                                    ///< own are what counts.
  bool address_labels = true;
  std::string state_file;  ///< Empty: the state lives in memory only.
  TaskSettings tasks;
  std::string projects_dir;  ///< Its projects are in `projects` already.
  std::map<std::string, BalanceThresholds> balance_by_currency;
  Shard shard;
  std::vector<ProjectSettings>
      projects;  ///< Those of the shard, in the order of their names.
  WebSettings web;
};

/// The defaults of one collector. The table is made by whoever knows the
/// collectors and given to the loader.
struct CollectorDefaults {
  std::string name;
  bool enabled = true;
  Duration interval{};
  std::string needs = {};  ///< A collector that must be on too; `servers` for
                           ///< those that ask per server. Empty for none.
};

}  // namespace serverspace::config
