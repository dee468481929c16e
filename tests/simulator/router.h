#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/api_call.h"

namespace serverspace::sim {

/// A request target taken apart: decoded path segments (an empty last one
/// dropped) and query pairs.
struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
Target ParseTarget(std::string_view target);

/// Finds the row of the route tables for a request. Immutable.
class Router {
 public:
  Router();

  struct Match {
    const Route* route = nullptr;  // null: no such path
    bool method_differs = false;   // the path exists for other methods
    std::vector<std::string> ids;
  };
  /// `segments` are those after /api/v1.
  Match Find(std::string_view method,
             std::span<const std::string> segments) const;

  /// All rows, in order.
  std::vector<const Route*> routes() const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string_view> segments;
  };
  std::vector<Entry> entries_;
};

}  // namespace serverspace::sim
