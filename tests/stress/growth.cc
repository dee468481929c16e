#include "stress/growth.h"

#include <sstream>

namespace serverspace::stress {

bool LivesOn(const Sample& sample) {
  const std::string& name = sample.name;
  return name == "serverspace_project_spend_total" ||
         name == "serverspace_project_topup_total" ||
         name == "serverspace_tasks_finished_total" ||
         name.starts_with("serverspace_task_duration_seconds_");
}

std::string Growth::Look(const Samples& page, const EpochOf& epoch_of) {
  std::string first;
  for (const auto& [series, sample] : page) {
    if (!sample.only_grows) continue;
    const int epoch = epoch_of(sample);
    if (epoch == kUnknown) continue;
    Last& last = last_[series];
    if (last.epoch == epoch && sample.value < last.value && first.empty()) {
      std::ostringstream text;
      text.precision(17);
      text << series << " went from " << last.value << " to " << sample.value;
      first = text.str();
    }
    last = {sample.value, epoch};
  }
  return first;
}

}  // namespace serverspace::stress
