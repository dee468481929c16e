#include "api/json_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "api/json_parser.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"

namespace serverspace::api::json {
namespace {

// Room for as many servers as the longest body can hold. Without a bound, nine
// bytes of an answer, `{"id":1},`, would become hundreds in memory.
constexpr std::size_t kMaxElementBytes = 64 << 20;
// From how many items on the size of their list is foreseen. Fewer are soon
// moved, and say little of the others.
constexpr std::size_t kItemsToForesee = 256;
// Between two looks at the clock; some microseconds.
constexpr unsigned kEventsBetweenLooks = 1024;

/// Walks along with the parser and puts what the rows name where they say. The
/// bottom of its stack is the answer itself, whose rows are the names that the
/// wrapper may have.
class Walker final : public JsonEvents {
 public:
  /// `answer` lives on.
  Walker(const Answer& answer, const Source& source, const Target& wrapped,
         void* root, Drift* drift)
      : answer_(answer),
        source_(source),
        wrappers_{Row{source.wrapper, wrapped},
                  Row{source.other_wrapper, wrapped}},
        root_(root),
        drift_(drift) {}

  /// Why it stopped the parser.
  const Error& failure() const { return failure_; }

  bool Null() override { return InTime() && TakeNull(); }
  bool Boolean(bool value) override { return InTime() && Take(value); }
  bool Number(std::string_view text) override {
    return InTime() && Take(json::Number{text});
  }
  bool String(const JsonString& value) override;
  bool StartObject(std::size_t at) override;
  bool Key(const JsonString& name) override;
  bool EndObject() override;
  bool StartArray() override;
  bool EndArray() override;

 private:
  /// An object or a list that is being read.
  struct Frame {
    bool is_list;
    void* item;                 // the object, or the one that holds the list
    const Row* row;             // the member at hand, or the list; may be null
    std::span<const Row> rows;  // of an object
    std::uint32_t met = 0;      // members that came, by index in rows
    std::uint32_t held = 0;     // members that were taken
    bool has_elements = false;  // of a list: something is in it
    bool has_items = false;     // of a list of objects: one could be read
    std::size_t started = 0;    // of a list of objects: those that began
    std::uint32_t bad = 0;      // members that came and could not be
  };

  bool Take(const Scalar& value);
  bool TakeNull();
  bool TakeWord(Frame& frame, const Scalar& value);
  bool OpenMember(Frame& frame);
  bool BadMember(Frame& frame);
  bool EndRoot(const Frame& root);
  bool Charge(const Target& list);
  void MakeRoom(Frame& list, std::size_t at);
  bool Skip() {
    skipped_depth_ = 1;
    return true;
  }
  bool Fail(std::string why) {
    return Fail({ErrorCode::kBadResponse, std::move(why)});
  }
  bool Fail(Error why) {
    failure_ = std::move(why);
    return false;
  }
  /// Looks at the clock now and then.
  bool InTime() { return ++events_ % kEventsBetweenLooks != 0 || HasTime(); }
  bool HasTime();
  bool Report(std::string_view path);
  std::string Path() const;
  /// Of a member of the object at hand.
  std::string PathOf(const Row& row) const {
    return Path() + "." + std::string(row.name);
  }
  static std::size_t IndexOf(const Frame& frame) {
    return static_cast<std::size_t>(frame.row - frame.rows.data());
  }
  bool IsRoot(const Frame& frame) const { return &frame == &frames_.front(); }
  /// Whether the answer is `{}` where that is no error.
  bool IsNothing() const {
    return is_empty_object_ && source_.empty_object == EmptyObject::kIsEmpty;
  }
  /// Whether the members at hand are those of the answer itself.
  bool IsOutermost() const {
    return frames_.size() == (source_.is_flat ? 2U : 1U);
  }

  const Answer& answer_;
  const Source& source_;
  const std::array<Row, 2> wrappers_;
  void* const root_;
  Drift* const drift_;
  std::vector<Frame> frames_;
  std::string scratch_;
  unsigned events_ = 0;
  std::size_t skipped_depth_ = 0;  // above 0: inside of what nobody wants
  std::size_t element_bytes_ = 0;  // of all lists so far
  bool is_empty_object_ = true;
  Error failure_;
};

std::uint32_t Bit(std::size_t index) { return std::uint32_t{1} << index; }

std::string Quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

bool Walker::HasTime() {
  if (answer_.stop.stop_requested())
    return Fail({ErrorCode::kCancelled, "was not read to its end: cancelled"});
  if (answer_.clock != nullptr && answer_.clock->Mono() >= answer_.deadline)
    return Fail({ErrorCode::kTimeout, "could not be read in time"});
  return true;
}

bool Walker::String(const JsonString& value) {
  if (!InTime()) return false;
  if (skipped_depth_ > 0) return true;
  // An empty member is an absent one; the wrapper is not a member.
  const bool is_absent = value.empty() && frames_.size() > 1;
  if (is_absent) return TakeNull();
  const bool is_wanted = !frames_.empty() && frames_.back().row != nullptr;
  return Take(is_wanted ? value.Decode(scratch_) : std::string_view());
}

bool Walker::Key(const JsonString& name) {
  if (!InTime()) return false;
  if (skipped_depth_ > 0) return true;
  Frame& frame = frames_.back();
  if (IsOutermost()) is_empty_object_ = false;
  frame.row = nullptr;
  const std::string_view decoded = name.Decode(scratch_);
  for (const Row& row : frame.rows) {
    if (row.name == decoded) {
      frame.row = &row;
      break;
    }
  }
  return true;
}

bool Walker::Take(const Scalar& value) {
  if (skipped_depth_ > 0) return true;
  if (frames_.empty()) return Fail("is no object");
  Frame& frame = frames_.back();
  if (frame.row == nullptr) return true;
  const Target& target = frame.row->target;
  if (frame.is_list) {
    if (!Charge(target)) return false;
    if (target.shape == Shape::kLength) target.add(frame.item);
    const bool taken =
        target.shape == Shape::kLength ||
        (target.shape == Shape::kScalars && target.take(frame.item, value));
    return taken || Report(Path());
  }
  if (!OpenMember(frame)) return false;
  if (target.shape != Shape::kScalar) return BadMember(frame);
  const bool taken = target.word != nullptr ? TakeWord(frame, value)
                                            : target.take(frame.item, value);
  if (!taken) return BadMember(frame);
  frame.held |= Bit(IndexOf(frame));
  return true;
}

bool Walker::TakeNull() {
  if (skipped_depth_ > 0) return true;
  if (frames_.empty()) return Fail("is no object");
  Frame& frame = frames_.back();
  if (frame.row == nullptr) return true;
  if (!frame.is_list) return OpenMember(frame);
  if (!Charge(frame.row->target)) return false;
  return frame.row->target.shape == Shape::kScalars || Report(Path());
}

bool Walker::TakeWord(Frame& frame, const Scalar& value) {
  const Target& target = frame.row->target;
  const auto* const text = std::get_if<std::string_view>(&value);
  if (text == nullptr)
    return target.take != nullptr && target.take(frame.item, value);
  std::string word = ToLower(*text);
  if (std::ranges::find(target.words, word) == target.words.end() &&
      drift_ != nullptr) {
    word = drift_->UnknownWord(Path(), word);
  }
  *target.word(frame.item) = std::move(word);
  return true;
}

/// Notes that the member at hand came. If it came before, the last one counts.
bool Walker::OpenMember(Frame& frame) {
  const std::uint32_t bit = Bit(IndexOf(frame));
  if (IsRoot(frame)) {
    if (frame.met != 0) return Fail("repeats " + Quoted(source_.wrapper));
  } else if ((frame.met & bit) != 0) {
    frame.row->target.clear(frame.item);
    frame.held &= ~bit;
    frame.bad &= ~bit;
  }
  frame.met |= bit;
  return true;
}

/// The member at hand is of the wrong type.
bool Walker::BadMember(Frame& frame) {
  const Target& target = frame.row->target;
  if (IsRoot(frame)) {
    return Fail("has " + Quoted(frame.row->name) + " that is no " +
                (target.shape == Shape::kObject ? "object" : "list"));
  }
  target.clear(frame.item);
  frame.bad |= Bit(IndexOf(frame));
  // A required one is reported with the item that goes for it.
  return frame.row->need == Need::kRequired || Report(Path());
}

bool Walker::StartObject(std::size_t at) {
  if (!InTime()) return false;
  if (skipped_depth_ > 0) {
    ++skipped_depth_;
    return true;
  }
  if (frames_.empty()) {
    const std::size_t names = source_.other_wrapper.empty() ? 1 : 2;
    frames_.push_back(
        {false, root_, nullptr, std::span(wrappers_).first(names)});
    if (!source_.is_flat) return true;
    // As if the wrapper had come.
    frames_.back().row = wrappers_.data();
  }
  Frame& frame = frames_.back();
  if (frame.row == nullptr) return Skip();
  const Target& target = frame.row->target;
  if (frame.is_list) {
    if (!Charge(target)) return false;
    if (target.shape == Shape::kLength) {
      target.add(frame.item);
      return Skip();
    }
    if (target.shape != Shape::kObjects) return Report(Path()) && Skip();
    MakeRoom(frame, at);
  } else {
    if (!OpenMember(frame)) return false;
    if (target.shape != Shape::kObject) return BadMember(frame) && Skip();
  }
  frames_.push_back({false, target.add(frame.item), nullptr, target.rows});
  return true;
}

bool Walker::EndObject() {
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return true;
  }
  const Frame done = frames_.back();
  frames_.pop_back();
  if (frames_.empty()) return EndRoot(done);
  Frame& parent = frames_.back();
  const bool is_nothing = IsRoot(parent) && IsNothing();
  for (std::size_t i = 0; i < done.rows.size() && !is_nothing; ++i) {
    const Row& row = done.rows[i];
    const bool is_held = (done.held & Bit(i)) != 0;
    const bool is_told = (done.bad & Bit(i)) != 0;
    if (is_held || row.need == Need::kOptional) continue;
    if (row.need == Need::kExpected) {
      if (!is_told) Report(PathOf(row));
      continue;
    }
    if (IsRoot(parent)) return Fail("has no " + Quoted(PathOf(row)));
    parent.row->target.drop(parent.item);
    return Report(PathOf(row));
  }
  if (parent.is_list) {
    parent.has_items = true;
  } else {
    parent.held |= Bit(IndexOf(parent));
  }
  return true;
}

bool Walker::EndRoot(const Frame& root) {
  if (root.held != 0) return true;
  const bool is_null = root.met != 0;
  if (root.rows[0].target.shape == Shape::kObjects && (is_null || IsNothing()))
    return true;
  return Fail("has no " + Quoted(source_.wrapper));
}

bool Walker::StartArray() {
  if (!InTime()) return false;
  if (skipped_depth_ > 0) {
    ++skipped_depth_;
    return true;
  }
  if (frames_.empty()) return Fail("is no object");
  Frame& frame = frames_.back();
  if (frame.row == nullptr) return Skip();
  const Target& target = frame.row->target;
  if (frame.is_list) {
    if (target.shape == Shape::kLength) {
      target.add(frame.item);
      return Skip();
    }
    return Charge(target) && Report(Path()) && Skip();
  }
  if (!OpenMember(frame)) return false;
  if (target.shape == Shape::kScalar || target.shape == Shape::kObject)
    return BadMember(frame) && Skip();
  if (target.begin != nullptr) target.begin(frame.item);
  frame.held |= Bit(IndexOf(frame));
  frames_.push_back({true, frame.item, frame.row, {}});
  return true;
}

bool Walker::EndArray() {
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return true;
  }
  const Frame done = frames_.back();
  frames_.pop_back();
  const Target& target = done.row->target;
  // Nothing is left of the list, and that is not the same as none.
  if (IsRoot(frames_.back()) && done.has_elements && !done.has_items)
    return Fail("has no item in " + Quoted(done.row->name) +
                " that can be read");
  if (target.unite == nullptr) return true;
  for (std::size_t left = target.unite(done.item); left > 0; --left)
    Report(PathOf(target.rows.front()));
  return true;
}

/// Counts an element of a list, be it good or not: reports cost time too.
bool Walker::Charge(const Target& list) {
  frames_.back().has_elements = true;
  element_bytes_ += list.element_bytes;
  if (element_bytes_ > kMaxElementBytes) return Fail("has too many items");
  if (answer_.room == nullptr) return true;
  auto grown =
      answer_.room->Grow(list.element_bytes, answer_.deadline, answer_.stop);
  return grown.ok() || Fail({grown.error().code,
                             "could not be read: " + grown.error().message});
}

/// For the items of the wrapper, before the one that begins `at`. The rest of
/// the answer is like what came so far: a list with room for all of it need not
/// double, which takes three times its memory for a while and leaves up to half
/// of it unused.
void Walker::MakeRoom(Frame& list, std::size_t at) {
  const std::size_t came = list.started++;
  const bool is_wrapper = frames_.size() == 2;
  if (!is_wrapper || came < kItemsToForesee || !std::has_single_bit(came))
    return;
  const Target& target = list.row->target;
  // A little more, as small differences would make the list double at its end.
  const std::size_t foreseen = came * answer_.body.size() / at * 65 / 64;
  target.reserve(list.item,
                 std::min(foreseen, kMaxElementBytes / target.element_bytes));
}

/// Never fails, so that callers can return it.
bool Walker::Report(std::string_view path) {
  if (drift_ != nullptr) drift_->BadItem(path);
  return true;
}

/// The members at hand from the wrapper down: `servers.volumes.size_mb`.
std::string Walker::Path() const {
  std::string path;
  for (const Frame& frame : frames_) {
    if (frame.is_list) continue;
    if (!path.empty()) path += '.';
    path += IsRoot(frame) ? source_.name : frame.row->name;
  }
  return path;
}

}  // namespace

bool ReadId(const Scalar& value, std::string& out) {
  if (ReadText(value, out)) return true;
  const auto* number = std::get_if<Number>(&value);
  if (number == nullptr) return false;
  // Beyond the range of the one only what is positive is in that of the other.
  if (const auto id = ParseNumber<std::int64_t>(number->text)) {
    out = std::to_string(*id);
  } else if (const auto big = ParseNumber<std::uint64_t>(number->text)) {
    out = std::to_string(*big);
  } else {
    return false;
  }
  return true;
}

bool ReadText(const Scalar& value, std::string& out) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return false;
  // Of its own size; assigned, it would have room for 30 characters at least.
  out = std::string(*text);
  return true;
}

bool ReadBool(const Scalar& value, bool& out) {
  const auto* flag = std::get_if<bool>(&value);
  if (flag == nullptr) return false;
  out = *flag;
  return true;
}

bool ReadInteger(const Scalar& value, std::int64_t& out) {
  const auto* number = std::get_if<Number>(&value);
  if (number == nullptr) return false;
  const auto integer = ParseNumber<std::int64_t>(number->text);
  out = integer.value_or(0);
  return integer.has_value();
}

bool ReadCount(const Scalar& value, std::int64_t unit, std::int64_t& out) {
  std::int64_t number = 0;
  return ReadInteger(value, number) && number >= 0 &&
         !__builtin_mul_overflow(number, unit, &out);
}

bool ReadMoney(const Scalar& value, Money& out) {
  std::optional<Money> amount;
  if (const auto* number = std::get_if<Number>(&value)) {
    amount = Money::Parse(number->text);
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    amount = Money::Parse(*text);
  }
  if (!amount) return false;
  out = *amount;
  return true;
}

bool ReadTime(const Scalar& value, WallTime& out) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return false;
  const auto time = ParseTimestamp(*text);
  if (!time) return false;
  out = *time;
  return true;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): ends with the reading
Result<void> Read(Answer answer, const Source& source, const Target& wrapped,
                  void* root, Drift* drift) {
  Walker walker(answer, source, wrapped, root, drift);
  const JsonEnd end = ParseJson(answer.body, walker);
  Error failure{ErrorCode::kBadResponse, "cannot be read as JSON"};
  switch (end.kind) {
    case JsonEnd::Kind::kWhole:
      return {};
    case JsonEnd::Kind::kMalformed:
      break;
    case JsonEnd::Kind::kTooDeep:
      failure.message = "is nested too deeply";
      break;
    case JsonEnd::Kind::kStopped:
      failure = walker.failure();
      break;
  }
  return Error{failure.code, "GET " + std::string(source.route) +
                                 ": the answer " + failure.message + " (byte " +
                                 std::to_string(end.at) + " of " +
                                 std::to_string(answer.body.size()) + ")"};
}

}  // namespace serverspace::api::json
