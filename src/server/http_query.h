#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace serverspace::server {

/// The decoded pairs of a query in the order they came; names may repeat.
class Query {
 public:
  explicit Query(std::vector<std::pair<std::string, std::string>> pairs);

  /// All values of a name, in order.
  std::vector<std::string_view> All(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const {
    return pairs_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// Reads `a=1&b=x+y&a=%32` (WHATWG URL, application/x-www-form-urlencoded). A
/// broken escape, a control character, invalid UTF-8 or more than 1 000 pairs
/// is `kInvalidInput`, whose message is fit to be the text of a 400.
Result<Query> ParseQuery(std::string_view text);

/// A request path with its escapes decoded. An escaped slash or control
/// character would let two spellings mean different things to us and to a proxy
/// before us, so they are errors, as is invalid UTF-8.
Result<std::string> DecodePath(std::string_view text);

}  // namespace serverspace::server
