#pragma once

#include <string>
#include <vector>

#include "exporter/status.h"

namespace serverspace::server {

/// From good to bad.
enum class Health {
  kGood,
  kWaiting,   ///< Not everything was asked for yet.
  kWarning,   ///< Somebody should look at it in the daytime.
  kCritical,  ///< Money or data is missing, or will not come back by itself.
};

/// `ok`, `waiting`, `warning`, `critical`.
std::string_view HealthName(Health health);

/// One thing that is wrong, as plain text.
struct Trouble {
  Health health;
  std::string text;
};

struct ProjectHealth {
  Health health = Health::kGood;
  std::vector<Trouble> troubles;  ///< The worst first.
};

/// Judges a project as people on call want it judged.
ProjectHealth JudgeProject(const exporter::ProjectStatus& project,
                           const exporter::Status& status);

/// How bad it is that this collector is as it is.
Health JudgeCollector(const exporter::CollectorState& state);

/// The severity of the worst limit that the balance is below.
Health JudgeBalance(const exporter::ProjectStatus& project);

/// `0 s`, `42 s`, `3 min`, `2 h`, `5 d`.
std::string SpanText(Duration duration);

}  // namespace serverspace::server
