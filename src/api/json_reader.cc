#include "api/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <exception>
#include <iterator>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/timestamp.h"

namespace serverspace::api::json {
namespace {

constexpr std::size_t kMaxDepth = 64;
// Room for a quarter of a million servers. Without a bound, nine bytes of an
// answer, `{"id":1},`, would become hundreds in memory.
constexpr std::size_t kMaxElementBytes = 256 << 20;

std::optional<unsigned> HexDigits(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 4 || error != std::errc() ||
      end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// The UTF-16 unit of the escape at `at`, if there is one.
std::optional<unsigned> UnicodeEscape(std::string_view text, std::size_t at) {
  if (at > text.size() || !text.substr(at).starts_with("\\u"))
    return std::nullopt;
  return HexDigits(text.substr(at + 2, 4));
}

/// Makes each half of a surrogate pair that stands alone an escaped U+FFFD: the
/// JSON library refuses a whole answer for one of them.
void MendSurrogates(std::string& body) {
  constexpr std::size_t kEscape = 6;
  std::size_t at = body.find('\\');
  while (at < body.size()) {
    std::size_t length = 2;
    if (const auto unit = UnicodeEscape(body, at)) {
      length = kEscape;
      if (*unit >= 0xD800 && *unit <= 0xDFFF) {
        const auto next = UnicodeEscape(body, at + kEscape);
        if (*unit <= 0xDBFF && next && *next >= 0xDC00 && *next <= 0xDFFF) {
          length = 2 * kEscape;
        } else {
          body.replace(at, kEscape, "\\uFFFD");
        }
      }
    }
    at = body.find('\\', at + length);
  }
}

/// A place in the body that tells a copy of itself outside of the parser, which
/// has no other way to say how far it has come.
class Place {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Place(const char* at, const char*& told) : at_(at), told_(&told) {}
  reference operator*() const { return *at_; }
  Place& operator++() {
    *told_ = ++at_;
    return *this;
  }
  friend bool operator==(const Place& a, const Place& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  const char** told_;
};

/// Walks along with the parser and puts what the rows name where they say. The
/// bottom of its stack is the answer itself, whose rows are the names that the
/// wrapper may have.
class Walker final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Walker(const Source& source, const Target& wrapped, void* root, Drift* drift)
      : source_(source),
        wrappers_{Row{source.wrapper, wrapped},
                  Row{source.other_wrapper, wrapped}},
        root_(root),
        drift_(drift) {}

  /// Why the answer as a whole is no good; empty where the parser says so.
  const std::string& failure() const { return failure_; }

  bool null() override { return TakeNull(); }
  bool boolean(bool value) override { return Take(value); }
  bool number_integer(number_integer_t value) override { return Take(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > std::numeric_limits<std::int64_t>::max()) return Take(value);
    return Take(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    // The library makes an integer that 64 bits do not hold a double.
    if (text.find_first_of(".eE") == std::string::npos)
      return Fail("has an integer beyond 64 bits");
    return Take(Fraction{text});
  }
  bool string(string_t& value) override {
    // An empty member is an absent one; the wrapper is not a member.
    const bool is_absent = value.empty() && frames_.size() > 1;
    return is_absent ? TakeNull() : Take(std::string_view(value));
  }
  bool binary(binary_t&) override { return Fail("is no JSON"); }

  bool start_object(std::size_t) override;
  bool key(string_t& name) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception&) override {
    return false;
  }

 private:
  /// An object or a list that is being read.
  struct Frame {
    bool is_list;
    void* item;                 // the object, or the one that holds the list
    const Row* row;             // the member at hand, or the list; may be null
    std::span<const Row> rows;  // of an object
    std::uint32_t met = 0;      // members that came, by index in rows
    std::uint32_t held = 0;     // members that were taken
  };

  bool Take(const Scalar& value);
  bool TakeNull();
  bool TakeWord(Frame& frame, const Scalar& value);
  bool OpenMember(Frame& frame);
  bool BadMember(const Frame& frame);
  bool EndRoot(const Frame& root);
  bool Charge(const Target& list);
  bool Skip() {
    skipped_depth_ = 1;
    return true;
  }
  bool Fail(std::string why) {
    failure_ = std::move(why);
    return false;
  }
  bool Report(std::string_view path);
  std::string Path() const;
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

  const Source& source_;
  const std::array<Row, 2> wrappers_;
  void* const root_;
  Drift* const drift_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
  std::size_t skipped_depth_ = 0;  // above 0: inside of what nobody wants
  std::size_t element_bytes_ = 0;  // of all lists so far
  bool is_empty_object_ = true;
  std::string failure_;
};

std::uint32_t Bit(std::size_t index) { return std::uint32_t{1} << index; }

std::string Quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

bool Walker::key(string_t& name) {
  if (skipped_depth_ > 0) return true;
  Frame& frame = frames_.back();
  if (IsOutermost()) is_empty_object_ = false;
  frame.row = nullptr;
  for (const Row& row : frame.rows) {
    if (row.name == name) {
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
  }
  frame.met |= bit;
  return true;
}

/// The member at hand is of the wrong type.
bool Walker::BadMember(const Frame& frame) {
  if (IsRoot(frame)) {
    return Fail(
        "has " + Quoted(frame.row->name) + " that is no " +
        (frame.row->target.shape == Shape::kObject ? "object" : "list"));
  }
  // A required one is reported with the item that goes for it.
  return frame.row->required || Report(Path());
}

bool Walker::start_object(std::size_t) {
  if (++depth_ > kMaxDepth) return Fail("is nested too deeply");
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
  } else {
    if (!OpenMember(frame)) return false;
    if (target.shape != Shape::kObject) return BadMember(frame) && Skip();
  }
  frames_.push_back({false, target.add(frame.item), nullptr, target.rows});
  return true;
}

bool Walker::end_object() {
  --depth_;
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return true;
  }
  const Frame done = frames_.back();
  frames_.pop_back();
  if (frames_.empty()) return EndRoot(done);
  Frame& parent = frames_.back();
  for (std::size_t i = 0; i < done.rows.size(); ++i) {
    if (!done.rows[i].required || (done.held & Bit(i)) != 0) continue;
    const std::string path = Path() + "." + std::string(done.rows[i].name);
    if (IsRoot(parent)) {
      if (IsNothing()) break;
      return Fail("has no " + Quoted(path));
    }
    parent.row->target.drop(parent.item);
    return Report(path);
  }
  if (!parent.is_list) parent.held |= Bit(IndexOf(parent));
  return true;
}

bool Walker::EndRoot(const Frame& root) {
  if (root.held != 0) return true;
  const bool is_null = root.met != 0;
  if (root.rows[0].target.shape == Shape::kObjects && (is_null || IsNothing()))
    return true;
  return Fail("has no " + Quoted(source_.wrapper));
}

bool Walker::start_array(std::size_t) {
  if (++depth_ > kMaxDepth) return Fail("is nested too deeply");
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

bool Walker::end_array() {
  --depth_;
  if (skipped_depth_ > 0) {
    --skipped_depth_;
  } else {
    frames_.pop_back();
  }
  return true;
}

/// Counts an element of a list, be it good or not: reports cost time too.
bool Walker::Charge(const Target& list) {
  element_bytes_ += list.element_bytes;
  return element_bytes_ <= kMaxElementBytes || Fail("has too many items");
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
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    out = *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out = std::to_string(*number);
  } else if (const auto* big = std::get_if<std::uint64_t>(&value)) {
    out = std::to_string(*big);
  } else {
    return false;
  }
  return true;
}

bool ReadText(const Scalar& value, std::string& out) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return false;
  out = *text;
  return true;
}

bool ReadBool(const Scalar& value, bool& out) {
  const auto* flag = std::get_if<bool>(&value);
  if (flag == nullptr) return false;
  out = *flag;
  return true;
}

bool ReadInteger(const Scalar& value, std::int64_t& out) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return false;
  out = *number;
  return true;
}

bool ReadCount(const Scalar& value, std::int64_t unit, std::int64_t& out) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr && *number >= 0 &&
         !__builtin_mul_overflow(*number, unit, &out);
}

bool ReadMoney(const Scalar& value, Money& out) {
  std::optional<Money> amount;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    amount = Money::Parse(std::to_string(*number));
  } else if (const auto* fraction = std::get_if<Fraction>(&value)) {
    amount = Money::Parse(fraction->text);
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

Result<void> Read(std::string body, const Source& source, const Target& wrapped,
                  void* root, Drift* drift) {
  body = ToValidUtf8(std::move(body));
  MendSurrogates(body);
  const char* const begin = body.data();
  const char* const end = begin + body.size();
  const char* at = begin;
  Walker walker(source, wrapped, root, drift);
  bool whole = false;
  try {
    whole =
        nlohmann::json::sax_parse(Place(begin, at), Place(end, at), &walker);
  } catch (const std::exception&) {
    // For want of memory; the text of an exception could quote the answer.
  }
  // The library takes a zero byte for the end.
  if (whole && at == end && !body.ends_with('\0')) return {};
  return Error{ErrorCode::kBadResponse,
               "GET " + std::string(source.route) + ": the answer " +
                   (walker.failure().empty() ? "cannot be read as JSON"
                                             : walker.failure()) +
                   " (byte " + std::to_string(at - begin) + " of " +
                   std::to_string(end - begin) + ")"};
}

}  // namespace serverspace::api::json
