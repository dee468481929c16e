#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace serverspace::sim {

/// Appends JSON to one string: no tree in between, so that a list of tens of
/// thousands of servers is cheap. The caller nests correctly; commas and
/// escapes are the writer's. Not for sharing between threads.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view name);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool flag) { return Raw(flag ? "true" : "false"); }
  template <std::integral Int>
  requires(!std::same_as<Int, bool>) JsonWriter& Value(Int number) {
    return Raw(std::to_string(number));
  }
  /// A number or a whole document that is JSON text already.
  JsonWriter& Raw(std::string_view json);

  template <typename T>
  JsonWriter& Field(std::string_view name, const T& value) {
    Key(name);
    return Value(value);
  }
  /// The provider drops members without a value (API reference 1): nothing is
  /// written for an empty text.
  JsonWriter& OptionalField(std::string_view name, std::string_view text) {
    return text.empty() ? *this : Field(name, text);
  }
  JsonWriter& RawField(std::string_view name, std::string_view json) {
    Key(name);
    return Raw(json);
  }
  template <typename Range>
  JsonWriter& ArrayField(std::string_view name, const Range& values) {
    Key(name).BeginArray();
    for (const auto& value : values) Value(value);
    return EndArray();
  }

  std::string Take() && { return std::move(out_); }

 private:
  void Separate();

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace serverspace::sim
