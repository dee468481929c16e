#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace serverspace::sim {

/// Which contract the fake API speaks (API reference, "Generations").
enum class Generation { kG1 = 1, kG2 = 2 };

/// What a simulator is made of. The defaults suit a unit test: one small
/// project on a free loopback port.
struct Options {
  std::string listen_address = "127.0.0.1:0";
  /// Further names for the certificate, beside localhost, 127.0.0.1 and ::1.
  std::vector<std::string> host_names{};
  std::uint64_t seed = 1;
  std::size_t projects = 1;
  std::size_t servers_per_project = 3;
  /// Simulated seconds that pass in one real second.
  double time_factor = 1.0;
  Generation generation = Generation::kG2;
  /// Whether running resources cost money. Off, a balance moves only by the
  /// control interface.
  bool billing = false;
  /// Whether a project whose balance fell below zero is blocked, and its
  /// servers with it.
  bool block_when_empty = false;
  /// Whether answers are compressed for a client that accepts gzip.
  bool gzip = false;
  /// What a missing or wrong key gets: 401 or 403 (the real choice is not
  /// known).
  int bad_key_status = 401;
  /// Idle time after which a kept-alive connection is closed.
  int keep_alive_seconds = 75;
};

}  // namespace serverspace::sim
