#pragma once

#include <string>
#include <vector>

#include "app/exporter_options.h"
#include "config/config.h"

namespace serverspace::app {

inline constexpr std::string_view kTestKey = "l5-a-key-that-nobody-may-see";

/// The core collectors at their defaults, the others off, and these projects.
inline config::Config MakeConfig(const std::vector<std::string>& projects) {
  config::Config config;
  for (const config::CollectorDefaults& collector : CollectorDefaults()) {
    config.collectors[collector.name] = {
        .enabled = collector.name == "project" || collector.name == "servers",
        .interval = collector.interval,
        .stale_after = 10 * collector.interval};
  }
  for (const std::string& name : projects) {
    config.projects.push_back(
        {.name = name,
         .key = {.file = "", .key = Secret(kTestKey)},
         .base_url = {.host = name + ".example.com", .port = 443, .path = ""},
         .api_key_expires = {},
         .balance = {}});
  }
  return config;
}

}  // namespace serverspace::app
