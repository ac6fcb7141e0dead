#pragma once

#include "common/error.h"
#include "common/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal {

/// A failed connect or statement. `sqlstate` is empty when the server was not reached or went silent.
struct SqlError : Error {
    std::string sqlstate;
};

template <typename T>
using SqlResult = Result<T, SqlError>;

/// One row, all text; NULL is nullopt.
using Row = std::vector<std::optional<std::string>>;

/// Rows of a result. Owned, independent of the connection.
struct Rows {
    std::vector<std::string> columns;
    std::vector<Row> rows;
    std::uint64_t affected = 0;  // by INSERT, UPDATE, DELETE

    bool empty() const { return rows.empty(); }
    /// The first value, "" when there is none or it is NULL.
    std::string single() const;
};

}  // namespace fairlead::dal
