#include "api/drift.h"

#include "base/text.h"

namespace serverspace::api {

std::string Drift::UnknownWord(std::string_view field, std::string_view word) {
  observer_.OnUnknownValue(field);
  std::string clipped(Clip(word, kMaxWordBytes));
  std::lock_guard lock(mutex_);
  auto& words = unknown_.try_emplace(std::string(field)).first->second;
  if (words.contains(clipped)) return clipped;
  if (words.size() == kMaxUnknownPerField) return "other";
  words.insert(clipped);
  return clipped;
}

Drift::Words Drift::unknown_words() const {
  std::lock_guard lock(mutex_);
  return unknown_;
}

}  // namespace serverspace::api
