#pragma once

#include "dal/driver/postgres/handles.h"
#include "fairlead/result_set.h"

#include <cstdint>
#include <vector>

namespace fairlead::dal::postgres {

/// Rows of a stream: libpq makes one result for each. A chunk has at least one row when anybody looks at it.
class RowChunk final : public detail::result_data {
public:
    std::size_t columns() const override;
    std::size_t rows() const override { return rows_.size(); }
    std::string_view column_name(std::size_t column) const override;
    Field field(std::size_t row, std::size_t column) const override;

    void add(ResultHandle row) { rows_.push_back(std::move(row)); }
    void clear() { rows_.clear(); }

private:
    std::vector<ResultHandle> rows_;
};

/// A whole result; its values stay where libpq has put them.
ResultSet to_result_set(ResultHandle result);

/// Rows that a command says it touched; 0 for commands that say nothing of the kind, and for SELECT.
std::uint64_t affected_rows(const pg_result* result);

}  // namespace fairlead::dal::postgres
