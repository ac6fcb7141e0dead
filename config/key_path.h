#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::config {

/// The dotted key of a value, as a chain on the stack of the reader: the text is built only for a mistake, so
/// that reading 100,000 tenants builds none.
struct KeyPath {
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    const KeyPath* parent = nullptr;
    std::string_view name;         // empty for an element of an array
    std::size_t index = no_index;  // counted from 0

    /// "backends.pg1.pool_size", "tenants[3].id"
    std::string text() const;
};

}  // namespace fairlead::config
