#include "metrics/page_store.h"

#include <chrono>
#include <utility>

namespace serverspace::metrics {
namespace {

using Member = FamilyRun::Member;
using Runs = std::vector<std::shared_ptr<const FamilyRun>>;

// A run with changes is split above the first, joined with a neighbour below
// the last, and aims at the middle one: far from both, so that a project that
// comes, grows or goes seldom moves a border.
constexpr std::size_t kMaxRunBytes = FamilyText::kMaxSegmentBytes;
constexpr std::size_t kTargetRunBytes = kMaxRunBytes / 4 * 3;
constexpr std::size_t kMinRunBytes = kMaxRunBytes / 4;

/// A run as it is, or the members of one that is to be made.
struct Plan {
  std::shared_ptr<const FamilyRun> old;
  std::vector<Member> members;  // empty while the old run stays
  std::size_t size_bytes = 0;
  bool changed = false;

  bool small() const { return changed && size_bytes < kMinRunBytes; }

  void Append(Plan& next) {
    if (!changed) members = old->members();
    changed = true;
    const auto& more = next.changed ? next.members : next.old->members();
    members.insert(members.end(), more.begin(), more.end());
    size_bytes += next.size_bytes;
  }
};

/// The members with changes `first` to `last` applied, both in order of source.
template <typename Iterator>
Plan ApplyChanges(std::shared_ptr<const FamilyRun> old, Iterator first,
                  Iterator last) {
  Plan plan{.old = nullptr, .members = {}, .size_bytes = 0, .changed = true};
  const auto keep = [&](const Member& member) {
    if (member.text == nullptr) return;
    plan.members.push_back(member);
    plan.size_bytes += member.text->size_bytes();
  };
  if (old != nullptr) {
    for (const Member& member : old->members()) {
      for (; first != last && first->first < *member.source; ++first)
        keep(first->second);
      if (first != last && first->first == *member.source) {
        keep(first->second);
        ++first;
      } else {
        keep(member);
      }
    }
  }
  for (; first != last; ++first) keep(first->second);
  plan.old = std::move(old);
  return plan;
}

/// Drops what became empty and joins what became small.
std::vector<Plan> JoinSmall(std::vector<Plan> plans) {
  std::vector<Plan> joined;
  for (Plan& plan : plans) {
    if (plan.size_bytes == 0) continue;
    if (!joined.empty() && (plan.small() || joined.back().small()) &&
        joined.back().size_bytes + plan.size_bytes <= kTargetRunBytes) {
      joined.back().Append(plan);
    } else {
      joined.push_back(std::move(plan));
    }
  }
  return joined;
}

void MakeRuns(Plan plan, Deflater& deflater, Runs& runs) {
  const auto make = [&](std::vector<Member> members) {
    runs.push_back(std::make_shared<const FamilyRun>(std::move(members),
                                                     plan.old.get(), deflater));
  };
  if (plan.size_bytes <= kMaxRunBytes) {
    make(std::move(plan.members));
    return;
  }
  const std::size_t parts =
      (plan.size_bytes + kTargetRunBytes - 1) / kTargetRunBytes;
  const std::size_t part_bytes = plan.size_bytes / parts;
  std::vector<Member> members;
  std::size_t size_bytes = 0;
  for (Member& member : plan.members) {
    const std::size_t added = member.text->size_bytes();
    if (!members.empty() &&
        (size_bytes >= part_bytes || size_bytes + added > kMaxRunBytes)) {
      make(std::exchange(members, {}));
      size_bytes = 0;
    }
    members.push_back(std::move(member));
    size_bytes += added;
  }
  make(std::move(members));
}

template <typename Changes>
Runs UpdateRuns(const Runs& old, const Changes& changes, Deflater& deflater) {
  std::vector<Plan> plans;
  auto first = changes.begin();
  // A run answers for its sources and for new ones up to the next run.
  for (std::size_t i = 0; i < old.size(); ++i) {
    const auto last =
        i + 1 < old.size()
            ? changes.lower_bound(*old[i + 1]->members().front().source)
            : changes.end();
    if (first == last) {
      plans.push_back({old[i], {}, old[i]->size_bytes(), false});
    } else {
      plans.push_back(ApplyChanges(old[i], first, last));
    }
    first = last;
  }
  if (old.empty()) plans.push_back(ApplyChanges(nullptr, first, changes.end()));

  Runs runs;
  for (Plan& plan : JoinSmall(std::move(plans))) {
    if (plan.changed) {
      MakeRuns(std::move(plan), deflater, runs);
    } else {
      runs.push_back(std::move(plan.old));
    }
  }
  return runs;
}

}  // namespace

PageStore::PageStore(int compression_level)
    : deflater_(compression_level),
      current_(std::make_shared<const Page>(std::vector<Page::Family>())),
      stats_{.pages = 1} {}

void PageStore::Put(std::string_view project, std::string_view collector,
                    const Fragment& fragment) {
  Source source{std::string(project), std::string(collector)};
  Texts old;  // freed after the lock
  const std::lock_guard lock(input_mutex_);
  Entry& entry = entries_[source];
  if (entry.source == nullptr)
    entry.source = std::make_shared<const Source>(std::move(source));
  old.swap(entry.texts);
  for (const auto& text : fragment.families()) {
    const auto before = old.find(text->desc().name);
    if (before != old.end() && *before->second == *text) {
      entry.texts.insert(*before);
    } else {
      entry.texts.emplace(text->desc().name, text);
      NoteChange(text->desc().name, entry.source, text);
    }
  }
  for (const auto& [name, text] : old) {
    if (!entry.texts.contains(name)) NoteChange(name, entry.source, nullptr);
  }
}

void PageStore::Remove(std::string_view project, std::string_view collector) {
  const Source source{std::string(project), std::string(collector)};
  const std::lock_guard lock(input_mutex_);
  const auto entry = entries_.find(source);
  if (entry != entries_.end()) RemoveEntry(entry);
}

void PageStore::RemoveProject(std::string_view project) {
  const std::lock_guard lock(input_mutex_);
  auto entry = entries_.lower_bound(Source{std::string(project), {}});
  while (entry != entries_.end() && entry->first.project == project)
    RemoveEntry(entry++);
}

void PageStore::RemoveEntry(std::map<Source, Entry>::iterator entry) {
  for (const auto& [name, text] : entry->second.texts)
    NoteChange(name, entry->second.source, nullptr);
  entries_.erase(entry);
}

void PageStore::NoteChange(std::string_view family,
                           const std::shared_ptr<const Source>& source,
                           std::shared_ptr<const FamilyText> text) {
  changes_[family][*source] = {source, std::move(text)};
}

bool PageStore::Rebuild() {
  std::shared_ptr<const Page> page;  // in the end the old one, freed last
  const std::lock_guard rebuilding(rebuild_mutex_);
  ChangesByFamily changes;
  {
    const std::lock_guard lock(input_mutex_);
    changes.swap(changes_);
  }
  if (changes.empty()) return false;

  try {
    page = MakePage(changes);
  } catch (...) {
    // Applied again next time, unless something newer came meanwhile.
    const std::lock_guard lock(input_mutex_);
    changes_.merge(changes);
    for (auto& [family, rest] : changes) changes_.at(family).merge(rest);
    throw;
  }

  const std::lock_guard lock(current_mutex_);
  current_.swap(page);
  ++stats_.pages;
  stats_.compressed_pieces = deflater_.pieces();
  return true;
}

std::shared_ptr<const Page> PageStore::MakePage(
    const ChangesByFamily& changes) {
  for (const auto& [name, family_changes] : changes) {
    const auto found = families_.find(name);
    Runs runs =
        UpdateRuns(found == families_.end() ? Runs() : found->second.runs,
                   family_changes, deflater_);
    if (runs.empty()) {
      if (found != families_.end()) families_.erase(found);
      continue;
    }
    if (found != families_.end()) {
      found->second.runs = std::move(runs);
      continue;
    }
    const Desc& desc = runs.front()->members().front().text->desc();
    auto head = std::make_shared<const FamilyHead>(desc, deflater_);
    families_.emplace(name, Page::Family{std::move(head), std::move(runs)});
  }

  std::vector<Page::Family> families;
  families.reserve(families_.size());
  for (const auto& [name, family] : families_) families.push_back(family);
  return std::make_shared<const Page>(std::move(families));
}

std::shared_ptr<const Page> PageStore::Current() const {
  const std::lock_guard lock(current_mutex_);
  return current_;
}

PageStore::Stats PageStore::stats() const {
  const std::lock_guard lock(current_mutex_);
  return stats_;
}

}  // namespace serverspace::metrics
