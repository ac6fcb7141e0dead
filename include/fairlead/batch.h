#pragma once

#include "fairlead/error.h"
#include "fairlead/result_set.h"
#include "fairlead/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// Statements that go to the server together. Owns copies of texts and values.
///
///     Batch batch;
///     for (const Line& line : lines) batch.add("INSERT INTO lines (id, note) VALUES ($1, $2)", line.id,
///     line.note); std::vector<ResultSet> results = tx.run(batch);
///
/// PostgreSQL: one pipeline, one round trip. MySQL: one after the other on one connection. Outside a
/// Transaction a batch is a transaction of its own on both: all of it or nothing.
class FAIRLEAD_API Batch {
public:
    Batch();
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    template <typename... Arguments>
    Batch& add(std::string_view sql, const Arguments&... arguments) {
        begin_statement(sql);
        (add_argument(Argument(arguments)), ...);
        return *this;
    }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }

    struct Entry {
        std::string sql;
        std::vector<Argument> arguments;  // views into `texts`
        std::vector<std::unique_ptr<std::string>> texts;
    };
    const std::vector<Entry>& entries() const { return entries_; }

private:
    void begin_statement(std::string_view sql);
    void add_argument(Argument argument);

    std::vector<Entry> entries_;
};

}  // namespace fairlead
