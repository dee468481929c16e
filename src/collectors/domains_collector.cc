#include <algorithm>
#include <map>

#include "api/states.h"
#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/listing.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kDomains = {
    "serverspace_domains", Type::kGauge, "Number of DNS domains.", {}};
constexpr Desc kDelegated = {
    "serverspace_domain_delegated",
    Type::kGauge,
    "1 if the DNS domain is delegated to the provider, else 0.",
    {"domain"}};
constexpr Desc kRecords = {"serverspace_domain_records",
                           Type::kGauge,
                           "Records of the DNS domain, by type.",
                           {"domain", "type"}};

constexpr const Desc* kDescs[] = {&kDomains, &kDelegated, &kRecords};

void AddRecords(const api::Domain& domain, metrics::SampleSet& out) {
  std::map<std::string_view, std::size_t> by_type;
  for (const std::string_view type : api::kRecordTypes) by_type[type] = 0;
  for (const api::DomainRecord& record : *domain.records)
    ++by_type[record.type];
  for (const auto& [type, records] : by_type)
    out.Add(kRecords, {domain.name, type}, records);
}

/// Asks for the records of those domains that came without. A domain that is
/// gone by now stays without.
Result<void> AskForRecords(const Run& run, std::vector<api::Domain>& domains) {
  const auto lacks_records = [](const auto& domain) { return !domain.records; };
  auto fits = run.budget.Check(
      static_cast<std::size_t>(std::ranges::count_if(domains, lacks_records)));
  if (!fits.ok()) return fits;
  for (api::Domain& domain : domains) {
    if (!lacks_records(domain)) continue;
    auto records = run.api.ListDomainRecords(run.call, domain.name);
    if (records.ok()) {
      domain.records = std::move(records).value();
    } else if (records.error().code != ErrorCode::kNotFound) {
      return AsFailure(std::move(records).error());
    }
  }
  return {};
}

class DomainsCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    auto answer = run.api.ListDomains(run.call);
    if (!answer.ok()) return answer.error();
    std::vector<api::Domain>& domains = answer.value();
    auto asked = AskForRecords(run, domains);
    if (!asked.ok()) return asked;
    for (const api::Domain& domain : domains) {
      if (domain.delegated)
        out.Add(kDelegated, {domain.name}, *domain.delegated);
      if (domain.records) AddRecords(domain, out);
    }
    out.Add(kDomains, {}, domains.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeDomainsCollector() {
  return std::make_unique<DomainsCollector>();
}

}  // namespace serverspace::collectors
