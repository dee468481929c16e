#pragma once

#include <string_view>

#include "base/money.h"

namespace serverspace::collectors {

/// Hears each balance that was read and keeps what was spent and topped up. One
/// per project.
class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  virtual void Observe(std::string_view project_id, std::string_view currency,
                       Money balance) = 0;
};

}  // namespace serverspace::collectors
