#pragma once

#include <string>
#include <vector>

#include "collectors/ledger.h"

namespace serverspace::collectors {

/// Keeps what it heard: `p1 USD 318.07`.
class FakeLedger final : public Ledger {
 public:
  void Observe(std::string_view project_id, std::string_view currency,
               Money balance) override {
    heard_.push_back(std::string(project_id) + " " + std::string(currency) +
                     " " + balance.ToString());
  }
  const std::vector<std::string>& heard() const { return heard_; }

 private:
  std::vector<std::string> heard_;
};

}  // namespace serverspace::collectors
