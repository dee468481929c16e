#pragma once

#include <string_view>

#include "base/result.h"

namespace serverspace::config {

/// Which of several exporters with the same projects this one is.
struct Shard {
  int index = 0;  ///< From 0.
  int count = 1;
};

/// Whether this shard is the one that watches the project. Each project belongs
/// to exactly one of the shards; one more shard takes over its share and moves
/// nothing between the others.
///
/// Rendezvous hashing: a project belongs to the shard with the highest weight,
/// where the weight of shard i is mix(h + (i + 1) * 0x9e3779b97f4a7c15), h is
/// the 64-bit FNV-1a hash of the name's bytes and mix is the finalizer of
/// SplitMix64. These are part of the interface: another version must share out
/// the same way.
bool Owns(const Shard& shard, std::string_view project);

/// The number after the last dash of the host's own name: 3 for `exporter-3`,
/// as the pods of a Kubernetes StatefulSet are called, and for
/// `exporter-3.example`.
Result<int> ShardIndexOfHost(std::string_view host_name);

}  // namespace serverspace::config
