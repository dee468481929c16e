#include "simulator/scenario.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace serverspace::sim {

std::vector<Scenario::Step> Scenario::Parse(const std::string& text) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("steps") ||
      !document["steps"].is_array()) {
    throw std::runtime_error("a scenario is a JSON object with a list `steps`");
  }
  std::vector<Step> steps;
  for (const nlohmann::json& item : document["steps"]) {
    const std::string place = "step " + std::to_string(steps.size());
    if (!item.is_object()) throw std::runtime_error(place + " is no object");
    Step step;
    for (const auto& [name, value] : item.items()) {
      if (name == "at_seconds" && value.is_number()) {
        step.at_seconds = value.get<double>();
      } else if (name == "method" && value.is_string()) {
        step.method = value.get<std::string>();
      } else if (name == "path" && value.is_string()) {
        step.path = value.get<std::string>();
      } else if (name == "body") {
        step.body = value.dump();
      } else if (name != "note") {
        throw std::runtime_error(std::string(place)
                                     .append(" has a wrong member `")
                                     .append(name)
                                     .append("`"));
      }
    }
    if (step.method.empty() || !step.path.starts_with("/_sim/")) {
      throw std::runtime_error(place +
                               " needs a `method` and a `path` below /_sim/");
    }
    steps.push_back(std::move(step));
  }
  std::stable_sort(
      steps.begin(), steps.end(),
      [](const Step& a, const Step& b) { return a.at_seconds < b.at_seconds; });
  return steps;
}

Scenario::Scenario(std::vector<Step> steps, double time_factor, Clock& clock,
                   Player player)
    : steps_(std::move(steps)),
      time_factor_(time_factor),
      clock_(clock),
      player_(std::move(player)),
      thread_([this](const std::stop_token& stop) { Play(stop); }) {}

void Scenario::Play(const std::stop_token& stop) {
  const MonoTime start = clock_.Mono();
  for (const Step& step : steps_) {
    const std::chrono::duration<double> after(step.at_seconds / time_factor_);
    if (!clock_.SleepUntil(
            start + std::chrono::duration_cast<MonoTime::duration>(after),
            stop))
      return;
    const std::string refusal = player_(step);
    if (!refusal.empty()) {
      std::fprintf(stderr, "scenario: %s %s: %s\n", step.method.c_str(),
                   step.path.c_str(), refusal.c_str());
    }
  }
}

}  // namespace serverspace::sim
