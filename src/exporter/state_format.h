#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

/// What a file of the state holds: a value for each project, also for some that
/// are not configured any more.
template <typename Value>
struct StateDocument {
  struct Entry {
    Value value;
    WallTime used;  ///< When the project was last configured, in seconds.

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  std::map<std::string, Entry> projects;
  /// Members of the top level that this version does not know, name to JSON
  /// text. They are written back, so that an older exporter that runs for a
  /// while does not lose what a newer one keeps under the same version.
  std::map<std::string, std::string> others;
};

using MoneyDocument = StateDocument<SavedMoney>;
using FirstSeenDocument = StateDocument<SeenByKind>;

/// The watched files belong to no project.
struct TasksDocument : StateDocument<SavedTasks> {
  SavedFiles files = std::make_shared<const std::vector<tasks::FilePosition>>();
};

// The text of the files: JSON with a name of the format and a version. Decoding
// takes any bytes; an error tells what is wrong with them, to stand after "the
// file ...", without quoting them.

std::string EncodeMoney(const MoneyDocument& document);
Result<MoneyDocument> DecodeMoney(std::string_view text);

std::string EncodeFirstSeen(const FirstSeenDocument& document);
Result<FirstSeenDocument> DecodeFirstSeen(std::string_view text);

std::string EncodeTasks(const TasksDocument& document);
Result<TasksDocument> DecodeTasks(std::string_view text);

}  // namespace serverspace::exporter
