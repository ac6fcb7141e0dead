#include "dal/driver/postgres/result_rows.h"

#include <libpq-fe.h>

#include <charconv>
#include <memory>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

constexpr Oid bytea = 17;  // pg_type.dat

Field field_of(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return {};
    return {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column)),
            PQftype(result, column) == bytea};
}

class WholeResult final : public detail::result_data {
public:
    explicit WholeResult(ResultHandle result) : result_(std::move(result)) {}

    std::size_t columns() const override { return static_cast<std::size_t>(PQnfields(result_.get())); }
    std::size_t rows() const override { return static_cast<std::size_t>(PQntuples(result_.get())); }
    std::string_view column_name(std::size_t column) const override {
        return PQfname(result_.get(), static_cast<int>(column));
    }
    Field field(std::size_t row, std::size_t column) const override {
        return field_of(result_.get(), static_cast<int>(row), static_cast<int>(column));
    }

private:
    ResultHandle result_;
};

}  // namespace

std::size_t RowChunk::columns() const {
    return rows_.empty() ? 0 : static_cast<std::size_t>(PQnfields(rows_.front().get()));
}

std::string_view RowChunk::column_name(std::size_t column) const {
    return PQfname(rows_.front().get(), static_cast<int>(column));
}

Field RowChunk::field(std::size_t row, std::size_t column) const {
    return field_of(rows_[row].get(), 0, static_cast<int>(column));
}

ResultSet to_result_set(ResultHandle result) {
    const std::uint64_t affected = affected_rows(result.get());
    if (PQnfields(result.get()) == 0 && PQntuples(result.get()) == 0) return {nullptr, affected, 0};
    return {std::make_shared<WholeResult>(std::move(result)), affected, 0};
}

std::uint64_t affected_rows(const pg_result* result) {
    const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(result));
    const bool counts = tag.starts_with("INSERT ") || tag.starts_with("UPDATE ") ||
                        tag.starts_with("DELETE ") || tag.starts_with("MERGE ") || tag.starts_with("COPY ");
    if (!counts) return 0;
    std::uint64_t count = 0;
    std::from_chars(tag.data() + tag.rfind(' ') + 1, tag.data() + tag.size(), count);
    return count;
}

}  // namespace fairlead::dal::postgres
