#include "stress/history.h"

#include <algorithm>

namespace serverspace::stress {

const std::vector<std::string>& History::AllNames() {
  static const std::vector<std::string> names = {
      "prj-amber", "prj-birch", "prj-cedar", "prj-dunes", "prj-ember"};
  return names;
}

History::Step History::Last() const {
  std::lock_guard lock(mutex_);
  return steps_.back();
}

std::size_t History::Add(Step next) {
  std::lock_guard lock(mutex_);
  steps_.push_back(std::move(next));
  return steps_.size() - 1;
}

void History::SetBroken(bool broken) {
  std::lock_guard lock(mutex_);
  broken_ = broken;
}

Result<config::Loaded, std::vector<config::Problem>> History::Load() {
  std::lock_guard lock(mutex_);
  if (broken_)
    return std::vector<config::Problem>{{"a.yml", 1, 1, "api", "is no map"}};
  loaded_ = steps_.size() - 1;
  return config::Loaded{steps_.back().config, {}};
}

void History::Applied() {
  std::lock_guard lock(mutex_);
  applied_ = loaded_;
}

std::size_t History::Oldest() const {
  std::lock_guard lock(mutex_);
  return applied_;
}

History::Window::Window(const History& history, std::size_t since)
    : strangers_(AllNames()) {
  std::lock_guard lock(history.mutex_);
  for (std::size_t i = since; i <= history.loaded_; ++i) {
    steps_.push_back(history.steps_[i].epochs);
    std::erase_if(strangers_, [&](const std::string& name) {
      return steps_.back().contains(name);
    });
  }
}

std::string History::Window::FirstStranger(std::string_view text) const {
  return FirstOf(text, strangers_);
}

bool History::Window::WasThereAlways(const std::string& project) const {
  return std::ranges::all_of(
      steps_, [&](const auto& step) { return step.contains(project); });
}

int History::Window::EpochOf(const std::string& project) const {
  const int epoch =
      WasThereAlways(project) ? steps_.front().at(project) : Growth::kUnknown;
  const bool same = std::ranges::all_of(steps_, [&](const auto& step) {
    const auto found = step.find(project);
    return found != step.end() && found->second == epoch;
  });
  return same ? epoch : Growth::kUnknown;
}

}  // namespace serverspace::stress
