#pragma once

#include <cstddef>
#include <functional>
#include <thread>

namespace fairlead::dal {

/// Which of `count` equal things the calling thread uses, always the same one, so that threads seldom meet at
/// a lock.
inline std::size_t thread_shard(std::size_t count) {
    // Thread ids are addresses of stacks: their low bits are all alike.
    const std::size_t id = std::hash<std::thread::id>()(std::this_thread::get_id());
    return (id ^ (id >> 17)) * 0x9e3779b97f4a7c15ULL % 1021 % count;
}

}  // namespace fairlead::dal
