#include "policy/bulk_columns.h"

#include <algorithm>
#include <string>

namespace fairlead::policy {
namespace {

template <typename Names>
bool has(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string quoted(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

}  // namespace

std::optional<Error> bulk_columns_mistake(const Relation* relation, std::string_view tenant_column,
                                          std::span<const std::string_view> columns) {
    if (columns.empty()) return Error{"a bulk load without columns", "Name the columns that rows have."};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view name = columns[i];
        if (name.empty() || name.find('\0') != std::string_view::npos)
            return Error{"a column without a name", ""};
        if (has(columns.first(i), name)) return Error{"column " + quoted(name) + " is named twice", ""};
        if (relation == nullptr) continue;
        if (name == tenant_column)
            return Error{"the tenant column " + quoted(name) + " is among the columns",
                         "Leave it out: the library fills it in."};
        if (!has(relation->columns, name))
            return Error{"table " + quoted(relation->name) + " has no column " + quoted(name), ""};
        if (has(relation->generated_columns, name))
            return Error{"column " + quoted(name) + " is generated", "Leave it out."};
    }
    return std::nullopt;
}

std::optional<Error> bulk_table_mistake(const Relation* relation, std::string_view table) {
    if (relation == nullptr)
        return Error{"table " + quoted(table) + " is not known",
                     "A new table becomes known within catalogue_refresh."};
    if (relation->global)
        return Error{"table " + quoted(table) + " is shared by all tenants", "Tenants only read it."};
    const bool table_kind =
        relation->kind == RelationKind::table || relation->kind == RelationKind::partitioned_table;
    if (!table_kind || !relation->has_tenant_column)
        return Error{quoted(table) + " is no table with a tenant column", ""};
    return std::nullopt;
}

}  // namespace fairlead::policy
