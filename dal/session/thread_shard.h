#pragma once

#include <cstddef>
#include <pthread.h>

namespace fairlead::dal {

/// Which of `count` equal things the calling thread uses, always the same one, so that threads seldom meet at
/// a lock.
inline std::size_t thread_shard(std::size_t count) {
    // An address of the thread's own: its low bits are all alike. Hashing it as std::thread::id takes longer
    // than all the rest.
    const std::size_t id = static_cast<std::size_t>(::pthread_self());
    return (id ^ (id >> 17)) * 0x9e3779b97f4a7c15ULL % 1021 % count;
}

}  // namespace fairlead::dal
