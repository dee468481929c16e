#include "collectors/listing.h"

#include <algorithm>
#include <utility>

namespace serverspace::collectors {

std::string JoinTags(std::vector<std::string> tags) {
  if (tags.empty()) return {};
  for (std::string& tag : tags) std::ranges::replace(tag, ',', '_');
  std::ranges::sort(tags);
  std::string joined = ",";
  for (const std::string& tag : tags) joined += tag + ",";
  return joined;
}

Error AsFailure(Error error) {
  if (error.code == ErrorCode::kForbidden) error.code = ErrorCode::kAuth;
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kOther;
  return error;
}

bool IsUnsettled(const std::string& state) {
  return state == "new" || state == "busy";
}

}  // namespace serverspace::collectors
