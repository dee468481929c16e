#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace serverspace::sim {

/// A story in time: calls of the control interface, each at its moment after
/// the start. README.md describes the file. Plays on a thread of its own, which
/// the destructor ends.
class Scenario {
 public:
  struct Step {
    double at_seconds = 0;
    std::string method;
    std::string path;
    std::string body;
  };
  /// Plays one step; a text if it was refused.
  using Player = std::function<std::string(const Step&)>;

  /// Throws std::runtime_error with the place if the text is no scenario.
  static std::vector<Step> Parse(const std::string& text);

  /// `time_factor` makes the story as much faster as the simulated time.
  Scenario(std::vector<Step> steps, double time_factor, Clock& clock,
           Player player);
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

 private:
  void Play(const std::stop_token& stop);

  const std::vector<Step> steps_;
  const double time_factor_;
  Clock& clock_;
  const Player player_;
  std::jthread thread_;
};

}  // namespace serverspace::sim
