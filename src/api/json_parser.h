#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace serverspace::api {

/// A string as it stands in the text, between its quotes. Its escapes are known
/// to be right.
class JsonString {
 public:
  JsonString(std::string_view raw, bool has_escapes, bool is_ascii)
      : raw_(raw), has_escapes_(has_escapes), is_ascii_(is_ascii) {}

  bool empty() const { return raw_.empty(); }
  /// What the string says, in valid UTF-8: bytes that are none and halves of
  /// surrogate pairs become U+FFFD. Lives as long as the text or, where
  /// something was to be replaced, until `scratch` changes.
  std::string_view Decode(std::string& scratch) const;

 private:
  std::string_view raw_;
  bool has_escapes_;
  bool is_ascii_;
};

/// Hears what a parser meets, in the order of the text. Each answers whether to
/// go on.
class JsonEvents {
 public:
  JsonEvents() = default;
  JsonEvents(const JsonEvents&) = delete;
  JsonEvents& operator=(const JsonEvents&) = delete;
  virtual ~JsonEvents() = default;

  virtual bool Null() = 0;
  virtual bool Boolean(bool value) = 0;
  /// In its own words, of any size.
  virtual bool Number(std::string_view text) = 0;
  virtual bool String(const JsonString& value) = 0;
  /// `at`: bytes of the text up to it.
  virtual bool StartObject(std::size_t at) = 0;
  virtual bool Key(const JsonString& name) = 0;
  virtual bool EndObject() = 0;
  virtual bool StartArray() = 0;
  virtual bool EndArray() = 0;
};

struct JsonEnd {
  enum class Kind {
    kWhole,      ///< The text was one value (RFC 8259) and is at its end.
    kMalformed,  ///< It is none.
    kTooDeep,
    kStopped,  ///< By the events.
  };
  Kind kind;
  std::size_t at;  ///< Bytes that were read.
};

inline constexpr int kMaxJsonDepth = 64;

/// Reads a JSON text, with or without a byte order mark, and copies nothing of
/// it. Where the grammar leaves no doubt of what is what, it is lenient: a
/// number may have any size and a string bytes that are no text, as one odd
/// member must not cost a whole answer.
JsonEnd ParseJson(std::string_view text, JsonEvents& events);

}  // namespace serverspace::api
