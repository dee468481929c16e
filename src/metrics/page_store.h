#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/deflater.h"
#include "metrics/family_run.h"
#include "metrics/fragment.h"
#include "metrics/page.h"

namespace serverspace::metrics {

/// What all collectors of all projects said last, and the page made of it.
/// Threads may share one: writers never wait for compression, readers neither
/// for writers nor for compression. Within a family, lines are ordered by
/// (project, collector). Sources that share a family must differ in its
/// labels; duplicates are only looked for within a fragment.
class PageStore {
 public:
  struct Stats {
    std::uint64_t pages = 0;  ///< Published, the empty first included.
    /// Blocks and heads that had to be compressed for them.
    std::uint64_t compressed_pieces = 0;
  };

  /// There is a page from the start: a valid, empty one.
  explicit PageStore(int compression_level = Deflater::kDefaultLevel);
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;

  /// Replaces what this source said before. Families with the bytes that they
  /// had keep their old text and cost nothing later. An empty project is the
  /// exporter itself.
  void Put(std::string_view project, std::string_view collector,
           const Fragment& fragment);
  void Remove(std::string_view project, std::string_view collector);
  void RemoveProject(std::string_view project);

  /// Publishes a page with all changes so far; false if there were none. The
  /// old page is freed by whoever lets it go last.
  bool Rebuild();

  std::shared_ptr<const Page> Current() const;
  Stats stats() const;

 private:
  // Texts by family name; the names are those of descriptors, which last.
  using Texts = std::map<std::string_view, std::shared_ptr<const FamilyText>>;
  struct Entry {
    std::shared_ptr<const Source> source;
    Texts texts;
  };
  // What became of a family's sources; a null text: gone.
  using Changes = std::map<Source, FamilyRun::Member>;
  using ChangesByFamily = std::map<std::string_view, Changes>;

  void NoteChange(std::string_view family,
                  const std::shared_ptr<const Source>& source,
                  std::shared_ptr<const FamilyText> text);
  void RemoveEntry(std::map<Source, Entry>::iterator entry);
  std::shared_ptr<const Page> MakePage(const ChangesByFamily& changes);

  std::mutex input_mutex_;  // guards the next two
  std::map<Source, Entry> entries_;
  ChangesByFamily changes_;

  std::mutex rebuild_mutex_;  // guards the next two; taken before the others
  Deflater deflater_;
  std::map<std::string_view, Page::Family> families_;

  mutable std::mutex current_mutex_;  // guards the next two
  std::shared_ptr<const Page> current_;
  Stats stats_;
};

}  // namespace serverspace::metrics
