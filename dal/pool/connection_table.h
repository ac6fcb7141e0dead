#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/index_list.h"

#include <vector>

namespace fairlead::dal {

enum class connection_state : std::uint8_t { free, connecting, idle, lent };

struct connection_record {
    connection_state state = connection_state::free;
    std::uint16_t generation = 0;
    std::uint32_t database = no_index;
    std::uint32_t tenant = no_index;  // serves or last served
    std::uint32_t worker = 0;
    std::uint32_t epoch =
        0;               // of the pool when it was begun; older than the pool's: close it when it comes back
    TimePoint opened{};  // when the login was begun
    TimePoint expires = TimePoint::max();
};

/// All connections of a pool by number, counted by state. A ConnectionId is place (low 16 bits) and
/// generation (high 16 bits): a number that outlived its connection finds nothing, also when the place is in
/// use again. Places are reused oldest first, so the same id comes back only after 65,536 connections in the
/// same place.
class connection_table {
public:
    static constexpr std::uint32_t capacity = 1u << 16;

    /// `state` is connecting.
    std::uint32_t add(std::uint32_t database, unsigned worker, std::uint32_t epoch, TimePoint now);
    void remove(std::uint32_t at);
    void set_state(std::uint32_t at, connection_state state);

    /// no_index: never was, or is no more.
    std::uint32_t find(ConnectionId id) const;
    ConnectionId id(std::uint32_t at) const {
        return ConnectionId{std::uint32_t{records_[at].generation} << 16 | at};
    }

    connection_record& operator[](std::uint32_t at) { return records_[at]; }
    const connection_record& operator[](std::uint32_t at) const { return records_[at]; }

    std::uint32_t count(connection_state state) const { return counts_[static_cast<std::size_t>(state)]; }
    std::uint32_t live() const { return count(connection_state::idle) + count(connection_state::lent); }
    std::uint32_t total() const { return live() + count(connection_state::connecting); }
    /// Places ever used; a walk over all connections goes over these.
    std::uint32_t places() const { return static_cast<std::uint32_t>(records_.size()); }

private:
    std::vector<connection_record> records_;
    index_list free_;
    list_links free_links_;
    std::uint32_t counts_[4] = {};
};

}  // namespace fairlead::dal
