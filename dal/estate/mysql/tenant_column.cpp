#include "dal/estate/mysql/tenant_column.h"

#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fairlead::dal::mysql {
namespace {

using policy::mysql::flavour;
using policy::mysql::guard::quoted;

template <std::size_t Count>
bool is_one_of(std::string_view type, const std::array<std::string_view, Count>& types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

constexpr std::array<std::string_view, 5> integers{"tinyint", "smallint", "mediumint", "int", "bigint"};
constexpr std::array<std::string_view, 6> texts{"char",       "varchar",  "tinytext",
                                                "mediumtext", "longtext", "text"};
// Without BINARY(n): it fills up with zero bytes, so that no shorter id is found.
constexpr std::array<std::string_view, 5> bytes{"varbinary", "tinyblob", "blob", "mediumblob", "longblob"};

bool is_exact_collation(std::string_view collation) {
    return collation.ends_with("_nopad_bin") || collation == "utf8mb4_0900_bin";
}

/// The type for make_exact_statement(): that of the column where it is text, else one that holds every id.
std::string exact_type(const TenantColumn& column, flavour server) {
    const bool text = is_one_of(column.data_type, texts);
    const std::string type = text ? column.column_type : "varchar(63)";
    if (server == flavour::mysql) return type + " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin";
    const std::string set = text && !column.character_set.empty() ? column.character_set : "ascii";
    return type + " CHARACTER SET " + set + " COLLATE " + set + "_nopad_bin";
}

std::string modify(const TenantColumn& column, const std::string& table, const std::string& type) {
    std::string out = "ALTER TABLE " + table + " MODIFY " + quoted(column.name) + " " + type + " NOT NULL";
    const bool has_default = column.default_expression && *column.default_expression != "NULL";
    if (has_default) out += " DEFAULT " + *column.default_expression;
    if (column.invisible) out += " INVISIBLE";
    return out;
}

}  // namespace

bool is_integer(const TenantColumn& column) {
    return is_one_of(column.data_type, integers);
}

bool compares_exactly(const TenantColumn& column) {
    if (is_integer(column) || is_one_of(column.data_type, bytes)) return true;
    return is_one_of(column.data_type, texts) && is_exact_collation(column.collation);
}

std::string make_exact_statement(const TenantColumn& column, const std::string& table, flavour server) {
    return modify(column, table, exact_type(column, server));
}

std::string make_not_null_statement(const TenantColumn& column, const std::string& table) {
    std::string type = column.column_type;
    if (!column.character_set.empty()) {
        type += " CHARACTER SET " + column.character_set + " COLLATE " + column.collation;
    }
    return modify(column, table, type);
}

}  // namespace fairlead::dal::mysql
