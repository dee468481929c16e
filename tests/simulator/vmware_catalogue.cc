#include "simulator/vmware_catalogue.h"

#include <algorithm>
#include <charconv>

namespace serverspace::sim {

bool IsVmwareLocation(std::int64_t id) {
  return std::find(std::begin(kVmwareLocations), std::end(kVmwareLocations),
                   id) != std::end(kVmwareLocations);
}

LocationFilter VmwareLocationFilter(const ApiCall& call) {
  LocationFilter filter;
  const std::string* text = call.Query("location_id");
  if (text == nullptr) return filter;
  std::int64_t id = 0;
  std::from_chars(text->data(), text->data() + text->size(), id);
  filter.wanted = id;
  filter.is_unknown = !IsVmwareLocation(id);
  return filter;
}

Reply UnknownVmwareLocation() {
  return Invalid("Location does not exist", -8049);
}

}  // namespace serverspace::sim
