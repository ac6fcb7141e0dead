#include "policy/mysql/guard/dictionary_list.h"

#include <algorithm>
#include <iterator>

namespace fairlead::policy::mysql::guard {

namespace {

// Columns that both MariaDB and MySQL have.
constexpr std::string_view tables_columns =
    "TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, VERSION, ROW_FORMAT, NULL AS TABLE_ROWS, "
    "NULL AS AVG_ROW_LENGTH, NULL AS DATA_LENGTH, NULL AS MAX_DATA_LENGTH, NULL AS INDEX_LENGTH, "
    "NULL AS DATA_FREE, NULL AS AUTO_INCREMENT, NULL AS CREATE_TIME, NULL AS UPDATE_TIME, "
    "NULL AS CHECK_TIME, TABLE_COLLATION, NULL AS CHECKSUM, CREATE_OPTIONS, TABLE_COMMENT";
constexpr std::string_view statistics_columns =
    "TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, NON_UNIQUE, INDEX_SCHEMA, INDEX_NAME, SEQ_IN_INDEX, "
    "COLUMN_NAME, COLLATION, NULL AS CARDINALITY, SUB_PART, PACKED, NULLABLE, INDEX_TYPE, COMMENT, "
    "INDEX_COMMENT";

constexpr dictionary_table tables[] = {
    {"character_sets", {}, {}},
    {"check_constraints", "CONSTRAINT_SCHEMA", {}},
    {"collation_character_set_applicability", {}, {}},
    {"collations", {}, {}},
    {"columns", "TABLE_SCHEMA", {}},
    {"engines", {}, {}},
    {"events", "EVENT_SCHEMA", {}, false},
    {"files", "TABLE_SCHEMA", {}, false},
    {"key_column_usage", "TABLE_SCHEMA", {}},
    {"keywords", {}, {}},
    {"parameters", "SPECIFIC_SCHEMA", {}, false},
    {"partitions", "TABLE_SCHEMA", {}, false},
    {"referential_constraints", "CONSTRAINT_SCHEMA", {}},
    {"routines", "ROUTINE_SCHEMA", {}, false},
    {"schemata", "SCHEMA_NAME", {}},
    {"statistics", "TABLE_SCHEMA", statistics_columns},
    {"table_constraints", "TABLE_SCHEMA", {}},
    {"tables", "TABLE_SCHEMA", tables_columns},
    {"triggers", "TRIGGER_SCHEMA", {}, false},
    {"views", "TABLE_SCHEMA", {}, false},
};

}  // namespace

const dictionary_table* find_dictionary_table(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(tables), std::end(tables), [&](const auto& t) { return t.name == name; });
    return found == std::end(tables) ? nullptr : found;
}

}  // namespace fairlead::policy::mysql::guard
