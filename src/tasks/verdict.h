#pragma once

#include <span>
#include <string_view>

namespace serverspace::tasks {

/// What became of an id that was handed over.
enum class Verdict {
  kAdded,
  kKnown,           ///< It is watched, or was.
  kNothing,         ///< There is nothing to watch: the API's word for no task.
  kElsewhere,       ///< The project is another shard's.
  kMalformed,       ///< It is no id.
  kNoProject,       ///< There are several projects and none is named.
  kUnknownProject,  ///< No project is called so.
  kFull,            ///< The project has too many that have not ended.
};

/// Whether the id was refused, so that somebody should know.
bool IsRefusal(Verdict verdict);
std::span<const Verdict> Refusals();
/// The label value of a refusal: `unknown_project`.
std::string_view RefusalName(Verdict verdict);
/// Why nothing came of the id, for people; empty where something did.
std::string_view RefusalText(Verdict verdict);

}  // namespace serverspace::tasks
