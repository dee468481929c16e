#include "collectors/collector.h"
#include "collectors/factories.h"
#include "collectors/server_walk.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kSnapshots = {"serverspace_server_snapshots",
                             Type::kGauge,
                             "Snapshots of the server.",
                             {"server_id"}};
constexpr Desc kInfo = {"serverspace_server_snapshot_info",
                        Type::kInfo,
                        "A snapshot of a server.",
                        {"server_id", "snapshot_id", "name"}};
constexpr Desc kSize = {"serverspace_server_snapshot_size_bytes",
                        Type::kGauge,
                        "Size of the snapshot.",
                        {"server_id", "snapshot_id"}};
constexpr Desc kCreated = {
    "serverspace_server_snapshot_created_timestamp_seconds",
    Type::kGauge,
    "When the snapshot was made, as seconds since 1970.",
    {"server_id", "snapshot_id"}};

constexpr const Desc* kDescs[] = {&kSnapshots, &kInfo, &kSize, &kCreated};

class SnapshotsCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    return ForEachServer(run, 1, [&](const std::string& server) {
      return CollectServer(run, server, out);
    });
  }

 private:
  static Result<void> CollectServer(const Run& run, const std::string& server,
                                    metrics::SampleSet& out) {
    const auto answer = run.api.ListSnapshots(run.call, server);
    if (!answer.ok()) return answer.error();
    const std::vector<api::Snapshot>& snapshots = answer.value();
    for (const api::Snapshot& snapshot : snapshots) {
      out.Add(kInfo, {server, snapshot.id, snapshot.name}, 1);
      if (snapshot.size_bytes)
        out.Add(kSize, {server, snapshot.id}, *snapshot.size_bytes);
      if (snapshot.created)
        out.Add(kCreated, {server, snapshot.id}, *snapshot.created);
    }
    out.Add(kSnapshots, {server}, snapshots.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeSnapshotsCollector() {
  return std::make_unique<SnapshotsCollector>();
}

}  // namespace serverspace::collectors
