#include "allocations.h"

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace serverspace::bench {
namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> peak{0};

void* Take(std::size_t size) {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t now =
      in_use.fetch_add(malloc_usable_size(block)) + malloc_usable_size(block);
  std::size_t most = peak.load();
  while (most < now && !peak.compare_exchange_weak(most, now)) {
  }
  return block;
}

void Give(void* block) {
  if (block == nullptr) return;
  in_use.fetch_sub(malloc_usable_size(block));
  std::free(block);
}

}  // namespace

std::size_t Allocations::InUse() { return in_use; }
std::size_t Allocations::Peak() { return peak; }
void Allocations::RestartPeak() { peak = in_use.load(); }

}  // namespace serverspace::bench

void* operator new(std::size_t size) { return serverspace::bench::Take(size); }
void* operator new[](std::size_t size) {
  return serverspace::bench::Take(size);
}
void operator delete(void* block) noexcept { serverspace::bench::Give(block); }
void operator delete[](void* block) noexcept {
  serverspace::bench::Give(block);
}
void operator delete(void* block, std::size_t) noexcept {
  serverspace::bench::Give(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  serverspace::bench::Give(block);
}
