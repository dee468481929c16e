#include "http/address_book.h"

#include <algorithm>
#include <arpa/inet.h>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "http/failure.h"

namespace serverspace::http {

struct AddressBook::Entry {
  std::vector<std::string> addresses;  // the last good ones
  std::string preferred;               // the one that last worked
  MonoTime fresh_until{};
  std::optional<Error> error;  // of the last resolution
  std::uint64_t rounds = 0;    // resolutions that ended
  bool pending = false;
};

/// Owned together with the resolving thread, which may outlive the book.
struct AddressBook::Shared {
  explicit Shared(Clock& book_clock) : clock(&book_clock) {}

  std::mutex mutex;  // guards everything below
  std::condition_variable_any changed;
  Clock* clock;  // null once the book is gone
  std::map<std::string, Entry> entries;
  std::deque<std::string> queue;
  bool ended = false;
};

bool IsAddress(const std::string& host) {
  in6_addr buffer{};
  return inet_pton(AF_INET, host.c_str(), &buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &buffer) == 1;
}

AddressBook::AddressBook(std::shared_ptr<Resolver> resolver, Clock& clock)
    : clock_(clock),
      shared_(std::make_shared<Shared>(clock)),
      thread_([shared = shared_,
               resolver = std::move(resolver)](const std::stop_token& stop) {
        Run(stop, *shared, *resolver);
      }) {}

AddressBook::~AddressBook() {
  thread_.request_stop();
  std::unique_lock lock(shared_->mutex);
  shared_->clock = nullptr;
  const bool ended = shared_->changed.wait_for(
      lock, std::chrono::milliseconds(50), [this] { return shared_->ended; });
  lock.unlock();
  if (!ended) thread_.detach();
}

void AddressBook::Run(const std::stop_token& stop, Shared& shared,
                      Resolver& resolver) {
  std::unique_lock lock(shared.mutex);
  while (shared.changed.wait(lock, stop,
                             [&shared] { return !shared.queue.empty(); })) {
    if (shared.clock == nullptr) break;
    const std::string host = std::move(shared.queue.front());
    shared.queue.pop_front();
    lock.unlock();
    auto result = [&]() -> Result<std::vector<std::string>> {
      try {
        return resolver.Resolve(host);
      } catch (const std::exception&) {
        return Error{ErrorCode::kOther, "the resolver failed"};
      }
    }();
    lock.lock();
    if (shared.clock == nullptr) break;
    Entry& entry = shared.entries[host];
    entry.pending = false;
    ++entry.rounds;
    if (result.ok()) {
      entry.addresses = std::move(result).value();
      entry.fresh_until = shared.clock->Mono() + kLife;
      entry.error.reset();
    } else {
      entry.error = std::move(result).error();
    }
    shared.changed.notify_all();
  }
  shared.ended = true;
  shared.changed.notify_all();
}

Result<std::vector<std::string>, TransportError> AddressBook::Lookup(
    const std::string& host, MonoTime deadline, const std::stop_token& stop) {
  if (IsAddress(host)) return std::vector{host};

  std::unique_lock lock(shared_->mutex);
  Entry& entry = shared_->entries[host];
  if (clock_.Mono() >= entry.fresh_until && !entry.pending) {
    entry.pending = true;
    shared_->queue.push_back(host);
    shared_->changed.notify_all();
  }
  const std::uint64_t round = entry.rounds;
  while (entry.addresses.empty()) {
    if (stop.stop_requested())
      return Interrupted(Stage::kResolve, ErrorCode::kCancelled);
    if (entry.rounds != round) {
      return Failure(Stage::kResolve, ErrorCode::kNetwork,
                     entry.error->message);
    }
    if (clock_.Mono() >= deadline)
      return Interrupted(Stage::kResolve, ErrorCode::kTimeout);
    clock_.Wait(shared_->changed, lock, stop, deadline);
  }
  std::vector<std::string> addresses = entry.addresses;
  const auto preferred = std::ranges::find(addresses, entry.preferred);
  if (preferred != addresses.end())
    std::rotate(addresses.begin(), preferred, preferred + 1);
  return addresses;
}

void AddressBook::NoteWorking(const std::string& host,
                              const std::string& address) {
  std::lock_guard lock(shared_->mutex);
  const auto entry = shared_->entries.find(host);
  if (entry != shared_->entries.end()) entry->second.preferred = address;
}

}  // namespace serverspace::http
