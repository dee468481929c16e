#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace serverspace {

/// Random numbers for jitter and sampling; not for secrets. Threads may share
/// one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// Evenly from [0, 1).
  double Unit() {
    std::lock_guard lock(mutex_);
    return std::uniform_real_distribution<double>(0, 1)(engine_);
  }

 private:
  std::mutex mutex_;  // guards engine_
  std::mt19937_64 engine_;
};

}  // namespace serverspace
