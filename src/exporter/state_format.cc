#include "exporter/state_format.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tasks/task_book.h"
#include "tasks/task_id.h"

namespace serverspace::exporter {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kMoneyFormat = "serverspace_exporter money";
constexpr std::string_view kFirstSeenFormat = "serverspace_exporter first seen";
constexpr std::string_view kTasksFormat = "serverspace_exporter tasks";
/// The member of the tasks' document beside its projects.
constexpr std::string_view kFiles = "files";
/// Raised only when an older exporter would misread the file: a member that is
/// new is no reason.
constexpr std::int64_t kVersion = 1;
constexpr int kMaxDepth = 16;
/// Sums of a few of them fit, and JSON's numbers are exact up to here.
constexpr std::int64_t kMostCounted = std::int64_t{1} << 53;

Error Damaged(std::string_view how) {
  return {ErrorCode::kBadResponse, "is damaged: " + std::string(how)};
}

/// Whether brackets nest no deeper than any file of ours. The library's tree
/// takes some hundred bytes for each level, so this is asked before it is made.
bool IsShallow(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

const json* Find(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::int64_t> AsInteger(const json& value) {
  // Beyond its 64 bits the library turns to doubles, and above the signed half
  // it would wrap.
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() >
          std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return value.get<std::int64_t>();
}

bool Read(const json& object, std::string_view name, std::int64_t& out) {
  const json* value = Find(object, name);
  const auto integer = value ? AsInteger(*value) : std::nullopt;
  if (integer) out = *integer;
  return integer.has_value();
}

bool Read(const json& object, std::string_view name, std::string& out) {
  const json* value = Find(object, name);
  if (!value || !value->is_string()) return false;
  out = value->get<std::string>();
  return true;
}

bool Read(const json& object, std::string_view name, Money& out) {
  std::int64_t micros = 0;
  if (!Read(object, name, micros)) return false;
  out = Money::FromMicros(micros);
  return true;
}

/// A moment counted in `Unit` since 1970. Nothing where nanoseconds do not hold
/// it.
template <typename Unit>
std::optional<WallTime> AsTime(std::int64_t count) {
  constexpr auto kMost =
      std::chrono::duration_cast<Unit>(WallTime::duration::max()).count();
  if (count > kMost || count < -kMost) return std::nullopt;
  return WallTime(Unit(count));
}

template <typename Unit>
std::string TimeText(WallTime time) {
  return std::to_string(
      std::chrono::floor<Unit>(time.time_since_epoch()).count());
}

std::string Quoted(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Appends `"name":text`, and a comma where it is not the first of its object.
void AppendMember(std::string_view name, std::string_view text,
                  std::string& out) {
  if (!out.ends_with('{')) out += ',';
  out.append(Quoted(name)).append(":").append(text);
}

/// The whole text; `encode` appends the members of a project beyond those that
/// every project has.
template <typename Document, typename EncodeMembers>
std::string Encode(std::string_view format, const Document& document,
                   EncodeMembers encode) {
  std::string text = "{";
  AppendMember("format", Quoted(format), text);
  AppendMember("version", std::to_string(kVersion), text);
  for (const auto& [name, other] : document.others)
    AppendMember(name, other, text);
  AppendMember("projects", "{", text);
  for (const auto& [name, entry] : document.projects) {
    // A line for each project, for whoever looks into the file.
    if (!text.ends_with('{')) text += ',';
    text.append("\n").append(Quoted(name)).append(":{");
    encode(entry.value, text);
    AppendMember("used", TimeText<seconds>(entry.used), text);
    text += '}';
  }
  text += "}}\n";
  return text;
}

/// Reads what `Encode` writes; `decode` answers the value of a project, or
/// nothing if it is damaged.
template <typename Document, typename DecodeMembers>
Result<Document> Decode(std::string_view format, std::string_view text,
                        DecodeMembers decode) {
  if (text.empty()) return Damaged("it is empty");
  // Blocks that a crash of the machine left unwritten; the library would take
  // the first zero for the end.
  if (text.find('\0') != std::string_view::npos)
    return Damaged("it holds zero bytes");
  if (!IsShallow(text)) return Damaged("it nests too deeply");
  const json tree = json::parse(text, nullptr, false);
  if (tree.is_discarded())
    return Damaged("it is no JSON, or ends before it is complete");
  std::string found_format;
  if (!tree.is_object() || !Read(tree, "format", found_format) ||
      found_format != format) {
    return Error{ErrorCode::kBadResponse,
                 "is not a state file of this program"};
  }
  std::int64_t version = 0;
  if (!Read(tree, "version", version) || version < 1)
    return Damaged("it has no version");
  if (version > kVersion) {
    return Error{ErrorCode::kBadResponse,
                 "was written by a newer version of this program: its format "
                 "is " +
                     std::to_string(version) + ", this one reads up to " +
                     std::to_string(kVersion)};
  }
  const json* projects = Find(tree, "projects");
  if (!projects || !projects->is_object())
    return Damaged("it has no list of projects");

  Document document;
  for (const auto& [name, value] : tree.items()) {
    if (name != "format" && name != "version" && name != "projects")
      document.others[name] = value.dump();
  }
  for (const auto& [name, members] : projects->items()) {
    std::int64_t used_seconds = 0;
    const bool complete =
        members.is_object() && Read(members, "used", used_seconds);
    const auto used = AsTime<seconds>(used_seconds);
    auto value = complete ? decode(members) : std::nullopt;
    // One entry that is wrong casts doubt on all of them.
    if (!used || !value) return Damaged("the entry of a project is wrong");
    document.projects[name] = {*std::move(value), *used};
  }
  return document;
}

/// Whether the amounts fit together; those of a file that was tampered with
/// hardly do.
bool AddsUp(const SavedMoney& money) {
  const auto gained = Subtract(money.topup, money.spend);
  const auto grown = Subtract(money.balance, money.first_balance);
  return money.spend >= Money() && money.topup >= Money() && gained &&
         gained == grown;
}

std::optional<SavedMoney> DecodeSavedMoney(const json& members) {
  SavedMoney money;
  if (!Read(members, "project_id", money.project_id) ||
      !Read(members, "currency", money.currency) ||
      !Read(members, "first_balance", money.first_balance) ||
      !Read(members, "balance", money.balance) ||
      !Read(members, "spend", money.spend) ||
      !Read(members, "topup", money.topup) || !AddsUp(money)) {
    return std::nullopt;
  }
  return money;
}

/// `{"active":{"id":since, ...}, ...}`: by state, for many share one.
std::string ThingsText(const std::vector<SeenThing>& things) {
  std::map<std::string_view, std::string> by_state;
  for (const SeenThing& thing : things) {
    std::string& text = by_state.try_emplace(thing.state, "{").first->second;
    AppendMember(thing.id, TimeText<milliseconds>(thing.since), text);
  }
  std::string text = "{";
  for (const auto& [state, ids] : by_state)
    AppendMember(state, ids + "}", text);
  return text + "}";
}

std::optional<SeenThings> DecodeThings(const json& states) {
  if (!states.is_object()) return std::nullopt;
  std::vector<SeenThing> things;
  for (const auto& [state, ids] : states.items()) {
    if (!ids.is_object()) return std::nullopt;
    for (const auto& [id, value] : ids.items()) {
      const auto count = AsInteger(value);
      const auto since = count ? AsTime<milliseconds>(*count) : std::nullopt;
      if (!since) return std::nullopt;
      things.push_back({id, state, *since});
    }
  }
  std::ranges::sort(things, {}, &SeenThing::id);
  if (std::ranges::adjacent_find(things, {}, &SeenThing::id) != things.end())
    return std::nullopt;
  return std::make_shared<const std::vector<SeenThing>>(std::move(things));
}

std::optional<SeenByKind> DecodeKinds(const json& members) {
  const json* kinds = Find(members, "kinds");
  if (!kinds || !kinds->is_object()) return std::nullopt;
  SeenByKind seen;
  for (const auto& [kind, states] : kinds->items()) {
    auto things = DecodeThings(states);
    if (!things) return std::nullopt;
    seen[kind] = *std::move(things);
  }
  return seen;
}

/// Appends a member with a moment to the millisecond, if there is one.
void AppendTime(std::string_view name, const std::optional<WallTime>& time,
                std::string& out) {
  if (time) AppendMember(name, TimeText<milliseconds>(*time), out);
}

/// Members that are empty or absent are left out.
std::string TaskText(const tasks::WatchedTask& task) {
  std::string text = "{";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) AppendMember(name, Quoted(value), text);
  };
  add("id", task.id);
  AppendTime("added", task.added, text);
  add("type", task.type);
  add("state", task.state);
  if (task.progress_percent)
    AppendMember("progress", std::to_string(*task.progress_percent), text);
  // The API's own moments are finer than a millisecond.
  const auto add_exact = [&](std::string_view name, const auto& time) {
    if (time)
      AppendMember(name, TimeText<std::chrono::nanoseconds>(*time), text);
  };
  add_exact("created", task.created);
  add_exact("completed", task.completed);
  if (!task.resources.empty()) {
    std::string resources = "[";
    for (const api::TaskResource& resource : task.resources) {
      if (resources.size() > 1) resources += ',';
      resources.append("[").append(Quoted(resource.type)).append(",");
      resources.append(Quoted(resource.id)).append("]");
    }
    AppendMember("resources", resources + "]", text);
  }
  if (task.outcome)
    add("outcome", std::string(tasks::OutcomeName(*task.outcome)));
  AppendTime("ended", task.ended, text);
  return text + "}";
}

template <typename Numbers>
std::string NumbersText(const Numbers& numbers) {
  std::string text = "[";
  for (const std::uint64_t number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + "]";
}

void AppendLedger(const tasks::Ledger& ledger, std::string& text) {
  std::string list = "[";
  for (const auto& task : ledger.tasks) {
    if (list.size() > 1) list += ',';
    list += TaskText(*task);
  }
  AppendMember("tasks", list + "]", text);
  AppendMember("finished", NumbersText(ledger.totals.finished), text);
  AppendMember("durations", NumbersText(ledger.totals.durations), text);
  AppendMember("duration_sum_ns",
               std::to_string(ledger.totals.duration_sum.count()), text);
  std::string forgotten = "[";
  for (const std::string& id : *ledger.forgotten) {
    if (forgotten.size() > 1) forgotten += ',';
    forgotten += Quoted(id);
  }
  AppendMember("forgotten", forgotten + "]", text);
}

/// An optional member; false if it is there and wrong.
template <typename Unit>
bool ReadTime(const json& object, std::string_view name,
              std::optional<WallTime>& out) {
  std::int64_t count = 0;
  if (Find(object, name) == nullptr) return true;
  if (!Read(object, name, count)) return false;
  out = AsTime<Unit>(count);
  return out.has_value();
}

bool ReadText(const json& object, std::string_view name, std::string& out) {
  return Find(object, name) == nullptr || Read(object, name, out);
}

std::optional<api::TaskResource> DecodeResource(const json& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
      !pair[1].is_string())
    return std::nullopt;
  return api::TaskResource{pair[0].get<std::string>(),
                           pair[1].get<std::string>()};
}

std::optional<tasks::WatchedTask> DecodeTask(const json& members) {
  tasks::WatchedTask task;
  std::optional<WallTime> added;
  std::string outcome;
  std::int64_t progress = 0;
  if (!members.is_object() || !Read(members, "id", task.id) ||
      !ReadTime<milliseconds>(members, "added", added) || !added ||
      !ReadText(members, "type", task.type) ||
      !ReadText(members, "state", task.state) ||
      !ReadTime<std::chrono::nanoseconds>(members, "created", task.created) ||
      !ReadTime<std::chrono::nanoseconds>(members, "completed",
                                          task.completed) ||
      !ReadText(members, "outcome", outcome) ||
      !ReadTime<milliseconds>(members, "ended", task.ended)) {
    return std::nullopt;
  }
  task.added = *added;
  if (Read(members, "progress", progress)) task.progress_percent = progress;
  // An id goes into a path of the API and onto the page.
  if (!tasks::IsTaskId(task.id) || progress < 0 ||
      progress > tasks::kMostPercent || task.added < WallTime() ||
      (task.ended && *task.ended < WallTime())) {
    return std::nullopt;
  }
  if (outcome == tasks::OutcomeName(tasks::Outcome::kLost)) {
    task.outcome = tasks::Outcome::kLost;
  } else if (!outcome.empty()) {
    task.outcome = tasks::OutcomeOf(outcome);
    if (!task.outcome) return std::nullopt;
  }
  // What has ended is dropped by its end.
  if (task.outcome.has_value() != task.ended.has_value()) return std::nullopt;
  if (const json* resources = Find(members, "resources")) {
    if (!resources->is_array()) return std::nullopt;
    for (const json& pair : *resources) {
      auto resource = DecodeResource(pair);
      if (!resource) return std::nullopt;
      task.resources.push_back(*std::move(resource));
    }
  }
  return task;
}

/// A list of another length is one of another version: it begins anew.
template <typename Numbers>
bool ReadNumbers(const json& object, std::string_view name, Numbers& out) {
  const json* list = Find(object, name);
  if (list == nullptr || !list->is_array()) return false;
  if (list->size() != out.size()) return true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto number = AsInteger((*list)[i]);
    if (!number || *number < 0 || *number > kMostCounted) return false;
    out[i] = static_cast<std::uint64_t>(*number);
  }
  return true;
}

std::optional<SavedTasks> DecodeLedger(const json& members) {
  const json* list = Find(members, "tasks");
  const json* forgotten = Find(members, "forgotten");
  std::int64_t sum = 0;
  auto ledger = std::make_shared<tasks::Ledger>();
  if (list == nullptr || !list->is_array() || forgotten == nullptr ||
      !forgotten->is_array() ||
      !ReadNumbers(members, "finished", ledger->totals.finished) ||
      !ReadNumbers(members, "durations", ledger->totals.durations) ||
      !Read(members, "duration_sum_ns", sum) || sum < 0) {
    return std::nullopt;
  }
  constexpr tasks::TaskBook::Limits kLimits;
  if (list->size() > kLimits.tasks || forgotten->size() > kLimits.forgotten)
    return std::nullopt;
  ledger->totals.duration_sum = Duration(sum);
  for (const json& item : *list) {
    auto task = DecodeTask(item);
    if (!task) return std::nullopt;
    ledger->tasks.push_back(
        std::make_shared<const tasks::WatchedTask>(*std::move(task)));
  }
  std::vector<std::string> ids;
  for (const json& id : *forgotten) {
    if (!id.is_string()) return std::nullopt;
    ids.push_back(id.get<std::string>());
    if (!tasks::IsTaskId(ids.back())) return std::nullopt;
  }
  ledger->forgotten =
      std::make_shared<const std::vector<std::string>>(std::move(ids));
  return ledger;
}

std::string FilesText(const std::vector<tasks::FilePosition>& files) {
  std::string text = "[";
  for (const tasks::FilePosition& file : files) {
    if (text.size() > 1) text += ',';
    text += '{';
    AppendMember("path", Quoted(file.path), text);
    AppendMember("device", std::to_string(file.device), text);
    AppendMember("inode", std::to_string(file.inode), text);
    AppendMember("offset", std::to_string(file.offset), text);
    AppendMember("tail", std::to_string(file.tail_hash), text);
    text += '}';
  }
  return text + "]";
}

/// A position that is wrong is left out: its file is read anew, and ids that
/// are known are taken once.
SavedFiles DecodeFiles(const json& list) {
  std::vector<tasks::FilePosition> files;
  for (const json& item : list) {
    tasks::FilePosition file;
    std::int64_t device = 0;
    std::int64_t inode = 0;
    std::int64_t offset = 0;
    std::int64_t tail = 0;
    if (!item.is_object() || !Read(item, "path", file.path) ||
        !Read(item, "device", device) || !Read(item, "inode", inode) ||
        !Read(item, "offset", offset) || !Read(item, "tail", tail) ||
        device < 0 || inode < 0 || offset < 0 || tail < 0) {
      continue;
    }
    file.device = static_cast<std::uint64_t>(device);
    file.inode = static_cast<std::uint64_t>(inode);
    file.offset = static_cast<std::uint64_t>(offset);
    file.tail_hash = static_cast<std::uint64_t>(tail);
    files.push_back(std::move(file));
  }
  return std::make_shared<const std::vector<tasks::FilePosition>>(
      std::move(files));
}

}  // namespace

std::string EncodeMoney(const MoneyDocument& document) {
  return Encode(kMoneyFormat, document,
                [](const SavedMoney& money, std::string& text) {
                  const auto amount = [&](std::string_view name, Money value) {
                    AppendMember(name, std::to_string(value.micros()), text);
                  };
                  AppendMember("project_id", Quoted(money.project_id), text);
                  AppendMember("currency", Quoted(money.currency), text);
                  amount("first_balance", money.first_balance);
                  amount("balance", money.balance);
                  amount("spend", money.spend);
                  amount("topup", money.topup);
                });
}

Result<MoneyDocument> DecodeMoney(std::string_view text) {
  return Decode<MoneyDocument>(kMoneyFormat, text, DecodeSavedMoney);
}

std::string EncodeFirstSeen(const FirstSeenDocument& document) {
  return Encode(kFirstSeenFormat, document,
                [](const SeenByKind& seen, std::string& text) {
                  std::string kinds = "{";
                  for (const auto& [kind, things] : seen)
                    AppendMember(kind, ThingsText(*things), kinds);
                  AppendMember("kinds", kinds + "}", text);
                });
}

Result<FirstSeenDocument> DecodeFirstSeen(std::string_view text) {
  return Decode<FirstSeenDocument>(kFirstSeenFormat, text, DecodeKinds);
}

std::string EncodeTasks(const TasksDocument& document) {
  TasksDocument whole = document;
  whole.others[std::string(kFiles)] = FilesText(*document.files);
  return Encode(kTasksFormat, whole,
                [](const SavedTasks& ledger, std::string& text) {
                  AppendLedger(*ledger, text);
                });
}

Result<TasksDocument> DecodeTasks(std::string_view text) {
  auto document = Decode<TasksDocument>(kTasksFormat, text, DecodeLedger);
  if (!document.ok()) return document;
  auto& others = document.value().others;
  const auto files = others.find(std::string(kFiles));
  if (files != others.end()) {
    // It came out of a tree, so it can be read again.
    const json list = json::parse(files->second, nullptr, false);
    if (list.is_array()) document.value().files = DecodeFiles(list);
    others.erase(files);
  }
  return document;
}

}  // namespace serverspace::exporter
