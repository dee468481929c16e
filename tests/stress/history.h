#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/load.h"
#include "stress/growth.h"
#include "stress/page_reader.h"

namespace serverspace::stress {

/// The configurations of one life of the program, and which of them may be in
/// force. Threads may share one.
class History {
 public:
  /// A project whose counters may have begun anew gets another epoch.
  struct Step {
    config::Config config;
    std::map<std::string, int> epochs;  ///< By the names of its projects.
  };

  explicit History(Step first) { steps_.push_back(std::move(first)); }

  Step Last() const;
  /// What the next reload shall find; answers its number.
  std::size_t Add(Step next);
  /// Makes every reload fail until told otherwise.
  void SetBroken(bool broken);

  /// For the program: reloads take turns.
  Result<config::Loaded, std::vector<config::Problem>> Load();
  /// What was loaded last is in force, and nothing from before.
  void Applied();

  /// The number of the oldest that may be in force from now on.
  std::size_t Oldest() const;

  /// Everything that was possible from a moment until now.
  class Window {
   public:
    Window(const History& history, std::size_t since);

    /// The first project that text mentions though it never was there.
    std::string FirstStranger(std::string_view text) const;
    bool WasThereAlways(const std::string& project) const;
    /// The epoch of a project's series; Growth::kUnknown if it may have
    /// changed.
    int EpochOf(const std::string& project) const;

   private:
    std::vector<std::map<std::string, int>> steps_;
    std::vector<std::string> strangers_;
  };

  /// Names that a project may ever have.
  static const std::vector<std::string>& AllNames();

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::vector<Step> steps_;
  bool broken_ = false;
  std::size_t loaded_ = 0;
  std::size_t applied_ = 0;
};

}  // namespace serverspace::stress
