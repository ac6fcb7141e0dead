#pragma once

#include <memory>

namespace fairlead::dal {

/// Tells a connection from others whose descriptors have its number one after the other. Whoever remembers a
/// descriptor keeps the mark with it: while it is kept no other connection can have it. The same pointer: the
/// same connection.
using connection_mark = std::shared_ptr<const void>;

inline connection_mark make_connection_mark() {
    return std::make_shared<const char>();
}

}  // namespace fairlead::dal
