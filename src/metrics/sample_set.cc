#include "metrics/sample_set.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include "metrics/exposition.h"

namespace serverspace::metrics {

SampleSet::SampleSet(std::string_view project) {
  if (project.empty()) return;
  project_label_ = "project=\"";
  AppendLabelValue(project_label_, project);
  project_label_ += '"';
}

SampleSet::Family::Family(const Desc& desc, std::string_view project_label)
    : text(desc) {
  if (desc.type == Type::kHistogram)
    throw std::logic_error("no sample makes a histogram: " +
                           std::string(desc.name));
  std::string next(desc.name);
  if (!project_label.empty()) next.append("{").append(project_label);
  bool first = project_label.empty();
  for (const std::string_view label : desc.labels.Get()) {
    next += std::exchange(first, false) ? '{' : ',';
    next.append(label).append("=\"");
    before.push_back(std::exchange(next, "\""));
  }
  before_value = std::move(next) + (first ? " " : "} ");
}

void SampleSet::Add(const Desc& desc,
                    std::initializer_list<std::string_view> labels,
                    double value) {
  AddValue(desc, labels, value);
}

void SampleSet::Add(const Desc& desc,
                    std::initializer_list<std::string_view> labels,
                    Money value) {
  Family& family = Find(desc);
  StartLine(family, labels) += value.ToString() + '\n';
  family.text.EndLine();
}

void SampleSet::Add(const Desc& desc,
                    std::initializer_list<std::string_view> labels,
                    WallTime value) {
  AddValue(desc, labels, value);
}

void SampleSet::AddInteger(const Desc& desc,
                           std::initializer_list<std::string_view> labels,
                           std::int64_t value) {
  AddValue(desc, labels, value);
}

void SampleSet::AddStates(const Desc& desc,
                          std::initializer_list<std::string_view> labels,
                          std::string_view state,
                          std::span<const std::string_view> known) {
  if (state.empty()) return;
  std::array<std::string_view, LabelNames::kMax + 1> values;
  if (labels.size() > LabelNames::kMax)
    throw std::logic_error("too many labels");
  std::ranges::copy(labels, values.begin());
  const auto add = [&](std::string_view name) {
    values[labels.size()] = name;
    AddValue<std::int64_t>(desc, {values.data(), labels.size() + 1},
                           name == state ? 1 : 0);
  };
  for (const std::string_view name : known) add(name);
  if (std::ranges::find(known, state) == known.end()) add(state);
}

template <typename Value>
void SampleSet::AddValue(const Desc& desc,
                         std::span<const std::string_view> labels,
                         Value value) {
  Family& family = Find(desc);
  std::string& line = StartLine(family, labels);
  AppendValue(line, value);
  line += '\n';
  family.text.EndLine();
}

SampleSet::Family& SampleSet::Find(const Desc& desc) {
  for (const std::size_t likely : {last_, last_ + 1}) {
    if (likely < families_.size() && &families_[likely].text.desc() == &desc) {
      last_ = likely;
      return families_[likely];
    }
  }
  const auto family = std::ranges::find(
      families_, desc.name,
      [](const Family& candidate) { return candidate.text.desc().name; });
  last_ = static_cast<std::size_t>(family - families_.begin());
  if (family == families_.end()) families_.emplace_back(desc, project_label_);
  return families_[last_];
}

std::string& SampleSet::StartLine(Family& family,
                                  std::span<const std::string_view> labels) {
  if (labels.size() != family.before.size())
    throw std::logic_error("wrong number of labels for " +
                           std::string(family.text.desc().name));
  std::string& line = family.text.line();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    line += family.before[i];
    AppendLabelValue(line, labels[i]);
  }
  line += family.before_value;
  return line;
}

std::size_t SampleSet::size() const {
  std::size_t size = 0;
  for (const Family& family : families_) size += family.text.series();
  return size;
}

Fragment SampleSet::Render() && {
  Fragment::Families texts;
  texts.reserve(families_.size());
  std::size_t dropped = 0;
  for (Family& family : families_)
    texts.push_back(std::make_shared<const FamilyText>(
        std::move(family.text).BuildUnique(dropped)));
  families_.clear();
  return Fragment(std::move(texts), dropped);
}

}  // namespace serverspace::metrics
