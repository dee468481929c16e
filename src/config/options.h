#pragma once

#include <span>
#include <string>
#include <string_view>

namespace serverspace::config {

/// One thing that can be set, and the three ways to do it. `NAME` in a key,
/// variable or flag stands for a collector (in upper case in a variable),
/// `CURRENCY` for a currency code, `[]` for each item of a list.
struct OptionDoc {
  std::string_view key;   ///< Path in the file; empty if the file has no say.
  std::string_view env;   ///< Variable; empty for none.
  std::string_view flag;  ///< Without the dashes; empty for none. A switch of
                          ///< type `bool` has a `no-` form too.
  std::string_view type;  ///< `duration`, `bool`, `path`, ... for people.
  std::string_view fallback;  ///< The default as one would write it.
  std::string_view help;      ///< One plain sentence.
  bool list = false;  ///< A list in the file, repeated as a flag, separated by
                      ///< commas in a variable.
};

/// Every setting of the program. A flag beats the variable, the variable beats
/// the file, the file beats the default; where a variable belongs to the whole
/// machine (HTTPS_PROXY, NO_PROXY) the file beats it. The loader works by this
/// table, and the configuration reference is made from it.
std::span<const OptionDoc> Options();

/// What stands for any collector in the names of options.
inline constexpr std::string_view kAnyCollector = "NAME";

/// The name of an option for this collector.
std::string ForCollector(std::string_view name, std::string_view collector);

}  // namespace serverspace::config
