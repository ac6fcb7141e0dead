#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"

#include <chrono>

namespace c_api = fairlead::dal::c_api;

fairlead_source* fairlead_open(const char* config_file, const fairlead_open_options* options,
                               fairlead_error** error) {
    return c_api::guarded_handle<fairlead_source>(error, [&] {
        fairlead::OpenOptions wanted;
        if (options != nullptr) {
            if (options->application_name != nullptr) wanted.application_name = options->application_name;
            wanted.watch_interval = std::chrono::milliseconds(options->watch_interval_ms);
        }
        const auto file = c_api::needed_text(config_file, "fairlead_open: config_file is NULL");
        return fairlead_source{fairlead::DataSource::open(std::string(file), wanted)};
    });
}

void fairlead_source_free(fairlead_source* source) {
    delete source;
}

fairlead_kind fairlead_reload(fairlead_source* source, fairlead_error** error) {
    return c_api::guarded(error,
                          [&] { c_api::needed(source, "fairlead_reload: source is NULL").source.reload(); });
}

uint64_t fairlead_generation(const fairlead_source* source) {
    return source != nullptr ? source->source.generation() : 0;
}

namespace {

fairlead_pool_state state_of(const fairlead::PoolState& pool) {
    return {.backend = pool.backend.c_str(),
            .connecting = pool.connecting,
            .idle = pool.idle,
            .lent = pool.lent,
            .waiting = pool.waiting,
            .connects = pool.connects,
            .connect_failures = pool.connect_failures,
            .timeouts = pool.timeouts,
            .recycled = pool.recycled};
}

}  // namespace

fairlead_pools* fairlead_pools_read(const fairlead_source* source, fairlead_error** error) {
    return c_api::guarded_handle<fairlead_pools>(error, [&] {
        fairlead_pools read;
        read.pools = c_api::needed(source, "fairlead_pools_read: source is NULL").source.pools();
        // Moving a vector moves none of its strings, so what points to them stays right.
        for (const fairlead::PoolState& pool : read.pools) read.states.push_back(state_of(pool));
        return read;
    });
}

size_t fairlead_pools_size(const fairlead_pools* pools) {
    return pools != nullptr ? pools->states.size() : 0;
}

const fairlead_pool_state* fairlead_pools_get(const fairlead_pools* pools, size_t index) {
    return index < fairlead_pools_size(pools) ? &pools->states[index] : nullptr;
}

void fairlead_pools_free(fairlead_pools* pools) {
    delete pools;
}
