#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/resolver.h"
#include "http/transport.h"

namespace serverspace::http {

/// True for an IPv4 or IPv6 address as text, without brackets.
bool IsAddress(const std::string& host);

/// Addresses of hosts, resolved by one thread of its own, so that a resolver
/// that hangs holds up nobody beyond his own deadline. Callers that want the
/// same name share one resolution. A name that resolved once is never waited
/// for again: once its addresses are older than kLife they are still given out
/// while new ones are fetched, so an outage of the DNS alone stops nothing.
/// Threads may share one.
class AddressBook {
 public:
  static constexpr Duration kLife = std::chrono::seconds(60);

  /// The resolver is shared because a resolution that hangs outlives the book.
  AddressBook(std::shared_ptr<Resolver> resolver, Clock& clock);
  /// Waits for nothing: a thread that hangs in the resolver is left to itself.
  ~AddressBook();
  AddressBook(const AddressBook&) = delete;
  AddressBook& operator=(const AddressBook&) = delete;

  /// The addresses, the one that last worked first; an address is its own. All
  /// errors are of Stage::kResolve.
  Result<std::vector<std::string>, TransportError> Lookup(
      const std::string& host, MonoTime deadline, const std::stop_token& stop);

  /// Remembers which address to try first.
  void NoteWorking(const std::string& host, const std::string& address);

 private:
  struct Entry;
  struct Shared;

  static void Run(const std::stop_token& stop, Shared& shared,
                  Resolver& resolver);

  Clock& clock_;
  const std::shared_ptr<Shared> shared_;
  std::jthread thread_;
};

}  // namespace serverspace::http
