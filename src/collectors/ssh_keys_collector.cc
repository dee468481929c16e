#include "collectors/collector.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kKeys = {
    "serverspace_ssh_keys", Type::kGauge, "Number of SSH keys.", {}};
constexpr Desc kInfo = {"serverspace_ssh_key_info",
                        Type::kInfo,
                        "An SSH key of the project.",
                        {"ssh_key_id", "name"}};

constexpr const Desc* kDescs[] = {&kKeys, &kInfo};

class SshKeysCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListSshKeys(run.call);
    if (!answer.ok()) return answer.error();
    const std::vector<api::SshKey>& keys = answer.value();
    for (const api::SshKey& key : keys) out.Add(kInfo, {key.id, key.name}, 1);
    out.Add(kKeys, {}, keys.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeSshKeysCollector() {
  return std::make_unique<SshKeysCollector>();
}

}  // namespace serverspace::collectors
