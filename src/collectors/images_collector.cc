#include <map>
#include <set>

#include "collectors/collector.h"
#include "collectors/factories.h"

namespace serverspace::collectors {
namespace {

using metrics::Desc;
using metrics::Type;

constexpr Desc kImages = {"serverspace_images",
                          Type::kGauge,
                          "Images that servers in the location can be made of.",
                          {"location"}};

constexpr const Desc* kDescs[] = {&kImages};

class ImagesCollector final : public Collector {
 public:
  std::span<const Desc* const> Describe() const override { return kDescs; }

  Result<void> Collect(const Run& run, metrics::SampleSet& out) const override {
    const auto answer = run.api.ListImages(run.call);
    if (!answer.ok()) return answer.error();
    std::map<std::string_view, std::set<std::string_view>> by_location;
    for (const api::Image& image : answer.value())
      by_location[image.location].insert(image.id);
    for (const auto& [location, images] : by_location)
      out.Add(kImages, {location}, images.size());
    return {};
  }
};

}  // namespace

std::unique_ptr<Collector> MakeImagesCollector() {
  return std::make_unique<ImagesCollector>();
}

}  // namespace serverspace::collectors
