#pragma once

#include "fairlead/bound_statement.h"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

/// Statements that go to the server together. A value: owns copies of texts and values.
///
///     Batch batch;
///     for (const Line& line : lines) batch.add("INSERT INTO lines (id, note) VALUES ($1, $2)", line.id,
///     line.note); std::vector<ResultSet> results = tx.run(batch);
///
/// PostgreSQL: one pipeline, one round trip. MySQL: one after the other on one connection. Outside a
/// Transaction a batch is a transaction of its own on both: all of it or nothing.
class Batch {
public:
    /// Adds a statement with its values. Returns itself.
    template <typename... Arguments>
    Batch& add(std::string_view sql, const Arguments&... arguments) {
        return add(fairlead::bind(sql, arguments...));
    }
    /// The same, of what bind() made.
    Batch& add(BoundStatement statement) {
        entries_.push_back(std::move(statement));
        return *this;
    }
    /// How many statements it has.
    std::size_t size() const { return entries_.size(); }
    /// Whether it has none.
    bool empty() const { return entries_.empty(); }
    /// Its statements, in their order.
    const std::vector<BoundStatement>& entries() const { return entries_; }

private:
    std::vector<BoundStatement> entries_;
};

}  // namespace fairlead
