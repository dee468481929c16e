#pragma once

#include <string>
#include <string_view>
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

/// The collectors of a project, those first without which nothing is known.
std::vector<const exporter::CollectorStatus*> CoreFirst(
    const exporter::ProjectStatus& project);

/// Judges a project as people on call want it judged.
ProjectHealth JudgeProject(const exporter::ProjectStatus& project,
                           const exporter::Status& status);

/// `auth: GET /project: HTTP 401; the API refuses the key`: an error with what
/// it likely means, where its own words do not say.
std::string ErrorText(ErrorCode code, std::string_view message);

/// How bad it is that this collector is as it is.
Health JudgeCollector(const exporter::CollectorState& state);

/// Whether a project's state is known and none to be content with.
bool IsOddState(std::string_view state);

/// The severity of the worst limit that the balance is below.
Health JudgeBalance(const exporter::ProjectStatus& project);

/// To the nearest `42 s`, `3 min`, `2 h` or `5 d`, whichever has two digits or
/// few.
std::string SpanText(Duration duration);

}  // namespace serverspace::server
