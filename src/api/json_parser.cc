#include "api/json_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace serverspace::api {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kUnitDigits = 4;  // of an escape \u0041
constexpr std::uint32_t kReplacement = 0xFFFD;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20; }

std::optional<std::uint32_t> HexUnit(std::string_view text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (text.size() != kUnitDigits || error != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

void AppendUtf8(std::string& out, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | (point >> 6));
    add(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    add(0xE0 | (point >> 12));
    add(0x80 | ((point >> 6) & 0x3F));
    add(0x80 | (point & 0x3F));
  } else {
    add(0xF0 | (point >> 18));
    add(0x80 | ((point >> 12) & 0x3F));
    add(0x80 | ((point >> 6) & 0x3F));
    add(0x80 | (point & 0x3F));
  }
}

/// The character of the unit just read, together with the next if the two are
/// a surrogate pair, which is then taken off `rest`.
std::uint32_t CodePoint(std::uint32_t unit, std::string_view& rest) {
  if (unit < 0xD800 || unit > 0xDFFF) return unit;
  if (unit > 0xDBFF || !rest.starts_with("\\u")) return kReplacement;
  const auto low = HexUnit(rest.substr(2, kUnitDigits));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return kReplacement;
  rest.remove_prefix(2 + kUnitDigits);
  return 0x10000 + ((unit - 0xD800) << 10) + (*low - 0xDC00);
}

void AppendUnescaped(std::string& out, std::string_view rest) {
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    const char kind = rest[1];
    rest.remove_prefix(2);
    switch (kind) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        const std::uint32_t unit = *HexUnit(rest.substr(0, kUnitDigits));
        rest.remove_prefix(kUnitDigits);
        AppendUtf8(out, CodePoint(unit, rest));
        break;
      }
      default:  // a quote, a slash or a backslash stands for itself
        out += kind;
    }
  }
}

/// How many bytes at the start of a string are ASCII without meaning, looked at
/// eight at a time; a few fewer where the end is near.
std::size_t PlainRun(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word; };
  const char* const begin = at;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t controls = (word - kOnes * 0x20) & ~word;
    const std::uint64_t special = word | controls | zeros(word ^ kOnes * '"') |
                                  zeros(word ^ kOnes * '\\');
    if ((special & kHighs) != 0) break;
  }
  return static_cast<std::size_t>(at - begin);
}

class Parser {
 public:
  Parser(std::string_view text, JsonEvents& events)
      : begin_(text.data()),
        at_(begin_),
        end_(begin_ + text.size()),
        events_(events) {
    if (text.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
  }

  JsonEnd Run() {
    while (Value()) {
    }
    return {kind_, static_cast<std::size_t>(at_ - begin_)};
  }

 private:
  // Each answers whether to go on.

  /// The next value, up to the next one after it.
  bool Value();
  /// What comes after a value: the ends of objects and lists, a comma.
  bool AfterValue();
  bool Open(bool is_object);
  bool Close();
  bool Key();
  bool Number();
  bool Word(std::string_view rest);

  std::optional<JsonString> ScanString();
  bool ScanEscape();
  bool ScanDigits();

  void Space() {
    while (at_ < end_ &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
      ++at_;
  }
  bool Next(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool Malformed() {
    kind_ = JsonEnd::Kind::kMalformed;
    if (at_ < end_) ++at_;  // the byte that is wrong was read
    return false;
  }
  bool Told(bool go_on) {
    if (!go_on) kind_ = JsonEnd::Kind::kStopped;
    return go_on;
  }
  bool InObject() const { return (objects_ & 1U) != 0; }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  JsonEvents& events_;
  JsonEnd::Kind kind_ = JsonEnd::Kind::kWhole;
  int depth_ = 0;
  std::uint64_t objects_ = 0;  // a bit a level, the innermost the lowest
  static_assert(kMaxJsonDepth <= 64);
};

bool Parser::Value() {
  Space();
  if (at_ == end_) return Malformed();
  switch (*at_) {
    case '{':
      if (!Open(true)) return false;
      Space();
      return Next('}') ? Close() && AfterValue() : Key();
    case '[':
      if (!Open(false)) return false;
      Space();
      return Next(']') ? Close() && AfterValue() : true;
    case '"': {
      const auto text = ScanString();
      return text && Told(events_.String(*text)) && AfterValue();
    }
    case 't':
      return Word("true") && Told(events_.Boolean(true)) && AfterValue();
    case 'f':
      return Word("false") && Told(events_.Boolean(false)) && AfterValue();
    case 'n':
      return Word("null") && Told(events_.Null()) && AfterValue();
    default:
      return Number() && AfterValue();
  }
}

bool Parser::AfterValue() {
  for (;;) {
    Space();
    // At the end of the text the loop of Run() ends without a failure.
    if (depth_ == 0) return at_ != end_ && Malformed();
    if (Next(',')) {
      if (!InObject()) return true;
      Space();
      return Key();
    }
    if (!Next(InObject() ? '}' : ']')) return Malformed();
    if (!Close()) return false;
  }
}

bool Parser::Open(bool is_object) {
  const auto at = static_cast<std::size_t>(at_++ - begin_);
  // Whoever listens may have the better reason.
  if (!Told(is_object ? events_.StartObject(at) : events_.StartArray()))
    return false;
  if (depth_ == kMaxJsonDepth) {
    kind_ = JsonEnd::Kind::kTooDeep;
    return false;
  }
  ++depth_;
  objects_ = (objects_ << 1U) | (is_object ? 1U : 0U);
  return true;
}

bool Parser::Close() {
  const bool is_object = InObject();
  --depth_;
  objects_ >>= 1U;
  return Told(is_object ? events_.EndObject() : events_.EndArray());
}

bool Parser::Key() {
  if (at_ == end_ || *at_ != '"') return Malformed();
  const auto name = ScanString();
  if (!name || !Told(events_.Key(*name))) return false;
  Space();
  return Next(':') || Malformed();
}

bool Parser::Number() {
  const char* const start = at_;
  Next('-');
  // No number begins with a needless zero.
  if (!Next('0') && !ScanDigits()) return Malformed();
  if (Next('.') && !ScanDigits()) return Malformed();
  if (Next('e') || Next('E')) {
    if (!Next('+')) Next('-');
    if (!ScanDigits()) return Malformed();
  }
  return Told(events_.Number({start, static_cast<std::size_t>(at_ - start)}));
}

bool Parser::Word(std::string_view word) {
  for (const char c : word) {
    if (!Next(c)) return Malformed();
  }
  return true;
}

/// The string that begins here; nothing if it is none, which is noted.
std::optional<JsonString> Parser::ScanString() {
  const char* const start = ++at_;
  bool has_escapes = false;
  bool is_ascii = true;
  for (;;) {
    at_ += PlainRun(at_, end_);
    if (at_ == end_ || IsControl(*at_)) break;
    const char c = *at_++;
    if (c == '"') {
      return JsonString({start, static_cast<std::size_t>(at_ - 1 - start)},
                        has_escapes, is_ascii);
    }
    if (c == '\\') {
      has_escapes = true;
      if (!ScanEscape()) break;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      is_ascii = false;
    }
  }
  Malformed();
  return std::nullopt;
}

bool Parser::ScanEscape() {
  if (Next('u')) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (!HexUnit(std::string_view(at_, left).substr(0, kUnitDigits)))
      return false;
    at_ += kUnitDigits;
    return true;
  }
  constexpr std::string_view kKinds = "\"\\/bfnrt";
  if (at_ == end_ || kKinds.find(*at_) == std::string_view::npos) return false;
  ++at_;
  return true;
}

bool Parser::ScanDigits() {
  if (at_ == end_ || !IsDigit(*at_)) return false;
  while (at_ < end_ && IsDigit(*at_)) ++at_;
  return true;
}

}  // namespace

std::string_view JsonString::Decode(std::string& scratch) const {
  if (!has_escapes_ && (is_ascii_ || IsValidUtf8(raw_))) return raw_;
  scratch.clear();
  AppendUnescaped(scratch, raw_);
  scratch = ToValidUtf8(std::move(scratch));
  return scratch;
}

JsonEnd ParseJson(std::string_view text, JsonEvents& events) {
  return Parser(text, events).Run();
}

}  // namespace serverspace::api
