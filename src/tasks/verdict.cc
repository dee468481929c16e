#include "tasks/verdict.h"

#include <algorithm>
#include <array>

namespace serverspace::tasks {
namespace {

constexpr std::array kRefusals = {Verdict::kMalformed, Verdict::kNoProject,
                                  Verdict::kUnknownProject, Verdict::kFull};

}  // namespace

bool IsRefusal(Verdict verdict) {
  return std::ranges::find(kRefusals, verdict) != kRefusals.end();
}

std::span<const Verdict> Refusals() { return kRefusals; }

std::string_view RefusalName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return "malformed";
    case Verdict::kNoProject:
      return "no_project";
    case Verdict::kUnknownProject:
      return "unknown_project";
    case Verdict::kFull:
      return "full";
    default:
      return "";
  }
}

std::string_view RefusalText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMalformed:
      return "it is no task id, such as l3t70011, dns9120, vmw3307 or k8s_f44";
    case Verdict::kNoProject:
      return "there are several projects, so the project's name must be given";
    case Verdict::kUnknownProject:
      return "no project with this name is configured";
    case Verdict::kFull:
      return "the project has too many watched tasks that have not ended";
    case Verdict::kElsewhere:
      return "the project belongs to another shard";
    default:
      return "";
  }
}

}  // namespace serverspace::tasks
