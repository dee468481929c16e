#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/problem.h"

namespace serverspace::config {

struct YamlEntry;

/// A YAML text as a tree in which everything knows its place. Scalars stay
/// text; whoever uses one knows what it should be.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;  ///< From 1.
  int column = 0;
  std::string text;                ///< Of a scalar.
  std::vector<YamlNode> items;     ///< Of a list.
  std::vector<YamlEntry> entries;  ///< Of a map, as written.
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

/// Reads one YAML document; an empty one is null. Of YAML, anchors, aliases
/// (small texts that unfold to huge ones), tags, a second document and maps as
/// keys are refused. `file` is for the problems, whose texts quote nothing of
/// the content.
Result<YamlNode, std::vector<Problem>> ParseYaml(std::string_view text,
                                                 const std::string& file);

}  // namespace serverspace::config
