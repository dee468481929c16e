#pragma once

namespace serverspace {

/// From now on blocks of a MiB and more never share the heap with others, so
/// that they are given back to the system as they are freed. Left to itself the
/// heap would keep them for the next large block. The rest is one heap for all
/// threads and not one each, most of them nearly empty: small blocks come from
/// the threads' own caches, so they seldom meet there. Before other threads
/// start.
void KeepLargeBlocksApart();

/// Gives memory that nobody uses any more back to the system, in all threads'
/// parts of the heap. Takes some milliseconds for a heap of 100 MiB, so it is
/// for after work that took much memory for a short time.
void ReturnFreeMemory();

}  // namespace serverspace
