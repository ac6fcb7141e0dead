#include "dal/pool/connection_table.h"

namespace fairlead::dal {

std::uint32_t connection_table::add(std::uint32_t database, unsigned worker, std::uint32_t epoch,
                                    TimePoint now) {
    std::uint32_t at = free_.first;
    if (at == no_index) {
        at = places();
        records_.emplace_back();
        grow_to(free_links_, at);
    } else {
        free_.remove(free_links_, at);
    }
    connection_record& added = records_[at];
    const std::uint16_t generation = static_cast<std::uint16_t>(added.generation + 1);
    added = {};
    added.generation = generation;
    added.state = connection_state::connecting;
    added.database = database;
    added.worker = worker;
    added.epoch = epoch;
    added.opened = now;
    ++counts_[static_cast<std::size_t>(connection_state::connecting)];
    return at;
}

void connection_table::remove(std::uint32_t at) {
    --counts_[static_cast<std::size_t>(records_[at].state)];
    records_[at].state = connection_state::free;
    free_.push_back(free_links_, at);
}

void connection_table::set_state(std::uint32_t at, connection_state state) {
    --counts_[static_cast<std::size_t>(records_[at].state)];
    ++counts_[static_cast<std::size_t>(state)];
    records_[at].state = state;
}

std::uint32_t connection_table::find(ConnectionId id) const {
    const std::uint32_t at = static_cast<std::uint32_t>(id) & 0xffffu;
    if (at >= places() || records_[at].state == connection_state::free) return no_index;
    return records_[at].generation == static_cast<std::uint32_t>(id) >> 16 ? at : no_index;
}

}  // namespace fairlead::dal
