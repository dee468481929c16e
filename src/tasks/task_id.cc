#include "tasks/task_id.h"

#include <algorithm>
#include <cstddef>

namespace serverspace::tasks {
namespace {

/// More than any number of 64 bits has.
constexpr std::size_t kMaxDigits = 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kMaxDigits &&
         std::ranges::all_of(text, IsDigit);
}

/// `t70011` behind the number of a location, or behind none.
bool IsLocal(std::string_view text) {
  const std::size_t mark = text.find('t');
  if (mark == std::string_view::npos) return false;
  const std::string_view location = text.substr(0, mark);
  return (location.empty() || IsNumber(location)) &&
         IsNumber(text.substr(mark + 1));
}

}  // namespace

bool IsTaskId(std::string_view text) {
  for (const std::string_view family : {"dns", "vmw", "k8s_f", "k8s_m"}) {
    if (text.starts_with(family)) return IsNumber(text.substr(family.size()));
  }
  return text.starts_with('l') && IsLocal(text.substr(1));
}

bool IsNoTask(std::string_view text) {
  return text == "already_completed_task" || text == "null";
}

}  // namespace serverspace::tasks
