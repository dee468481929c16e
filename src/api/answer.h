#pragma once

#include <concepts>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/memory_budget.h"

namespace serverspace::api {

/// A body on its way to becoming structs, and what that may take. A body alone
/// may take any time and memory.
struct Answer {
  // Implicit on purpose: to whom bounds do not matter, it is a text. No answer
  // is one, so none is taken here that is to be copied.
  // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
  Answer(std::convertible_to<std::string> auto&& text)
      : body(std::forward<decltype(text)>(text)) {}

  std::string body;
  /// Holds the body's part of the memory, and grows with what is read of it.
  std::shared_ptr<MemoryBudget::Share> room = nullptr;
  const Clock* clock = nullptr;  ///< Null: there is no deadline.
  MonoTime deadline = MonoTime::max();
  std::stop_token stop = {};
};

}  // namespace serverspace::api
