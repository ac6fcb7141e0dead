#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::policy {

enum class RelationKind : std::uint8_t {
    table,
    partitioned_table,
    view,
    materialized_view,
    sequence,
    foreign_table
};

/// One relation of a pool placement's database, as the guard must know it.
struct Relation {
    std::string schema;
    std::string name;
    RelationKind kind = RelationKind::table;
    bool has_tenant_column = false;
    /// Row policy present, enabled and forced (PostgreSQL sealed/guc). Sealed: rows of other tenants can
    /// neither be read nor written, by a policy that is ours to the letter.
    bool isolated = false;
    bool global = false;               // named in global_tables
    bool security_invoker = false;     // views
    std::vector<std::string> columns;  // in table order
    /// Names of unique keys (constraints or indexes) that do not contain the tenant column.
    std::vector<std::string> unique_keys_without_tenant;

    // MySQL.
    bool tenant_is_text = true;  // character or binary column; false: integer
    bool tenant_compares_exactly =
        true;               // false: its collation takes other ids for this one ('ACME', 'acme ')
    bool temporal = false;  // system-versioned
    bool has_triggers = false;
    std::vector<std::string> hidden_columns;     // invisible: not part of * and of INSERT without columns
    std::vector<std::string> generated_columns;  // cannot be written
};

/// The relations of one database at one moment; immutable, shared. `epoch` differs between two different
/// catalogues and is part of every verdict cache key.
class Catalogue {
public:
    Catalogue(std::vector<Relation> relations, std::vector<std::string> search_path, std::uint64_t epoch);

    std::uint64_t epoch() const { return epoch_; }
    const std::vector<std::string>& search_path() const { return search_path_; }

    /// By schema and name; with an empty schema the first match along the search path. Null if unknown.
    const Relation* find(std::string_view schema, std::string_view name) const;
    const std::vector<Relation>& relations() const { return relations_; }

private:
    std::vector<Relation> relations_;
    std::vector<std::string> search_path_;
    std::uint64_t epoch_;
    std::unordered_map<std::string, std::uint32_t> index_;  // "schema\0name"
};

using CataloguePtr = std::shared_ptr<const Catalogue>;

}  // namespace fairlead::policy
