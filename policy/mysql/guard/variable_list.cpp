#include "policy/mysql/guard/variable_list.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace fairlead::policy::mysql::guard {

namespace {

using values = setting_values;

constexpr variable_entry settable[] = {
    {"auto_increment_increment"},
    {"auto_increment_offset"},
    {"autocommit"},
    {"character_set_client", values::charset},
    {"character_set_connection", values::charset},
    {"character_set_results", values::charset},
    {"collation_connection", values::collation},
    {"default_week_format"},
    {"div_precision_increment"},
    {"group_concat_max_len"},
    {"innodb_lock_wait_timeout"},
    {"interactive_timeout"},
    {"lc_messages"},
    {"lc_time_names"},
    {"lock_wait_timeout"},
    {"max_execution_time"},
    {"max_statement_time"},
    {"net_read_timeout"},
    {"net_write_timeout"},
    {"query_cache_type"},
    {"session_track_schema", values::on_only},
    {"sql_auto_is_null", values::off_only},
    {"sql_big_selects"},
    {"sql_buffer_result"},
    {"sql_mode", values::sql_mode},
    {"sql_notes"},
    {"sql_quote_show_create"},
    {"sql_safe_updates"},
    {"sql_select_limit"},
    {"sql_warnings"},
    {"time_zone"},
    {"timestamp"},
    {"transaction_isolation", values::isolation},
    {"transaction_read_only"},
    {"tx_isolation", values::isolation},
    {"tx_read_only"},
    {"wait_timeout"},
};

constexpr std::string_view readable[] = {
    "character_set_database",
    "character_set_filesystem",
    "character_set_server",
    "character_set_system",
    "collation_database",
    "collation_server",
    "default_storage_engine",
    "error_count",
    "explicit_defaults_for_timestamp",
    "foreign_key_checks",
    "have_openssl",
    "have_ssl",
    "identity",
    "in_transaction",
    "init_connect",
    "innodb_version",
    "last_insert_id",
    "license",
    "lower_case_file_system",
    "lower_case_table_names",
    "max_allowed_packet",
    "net_buffer_length",
    "performance_schema",
    "protocol_version",
    "query_cache_size",
    "read_only",
    "session_track_gtids",
    "session_track_system_variables",
    "session_track_transaction_info",
    "skip_networking",
    "system_time_zone",
    "tls_version",
    "unique_checks",
    "version",
    "version_comment",
    "version_compile_machine",
    "version_compile_os",
    "warning_count",
};

constexpr std::string_view amounts_of_memory[] = {
    "aria_sort_buffer_size",
    "bulk_insert_buffer_size",
    "join_buffer_size",
    "join_buffer_space_limit",
    "max_heap_table_size",
    "max_sort_length",
    "mrr_buffer_size",
    "myisam_sort_buffer_size",
    "preload_buffer_size",
    "query_alloc_block_size",
    "query_prealloc_size",
    "range_alloc_block_size",
    "read_buffer_size",
    "read_rnd_buffer_size",
    "rowid_merge_buff_size",
    "set_operations_buffer_size",
    "sort_buffer_size",
    "tmp_disk_table_size",
    "tmp_memory_table_size",
    "tmp_table_size",
    "transaction_alloc_block_size",
    "transaction_prealloc_size",
};

// Those that change tokens are in lex_mode; the others change nothing that the guard reads. Combinations such
// as MSSQL and ORACLE, which switch the grammar, are not here; ANSI and TRADITIONAL are.
constexpr std::string_view modes[] = {
    "ALLOW_INVALID_DATES",
    "ANSI",
    "ANSI_QUOTES",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "HIGH_NOT_PRECEDENCE",
    "IGNORE_SPACE",
    "NO_AUTO_CREATE_USER",
    "NO_AUTO_VALUE_ON_ZERO",
    "NO_BACKSLASH_ESCAPES",
    "NO_DIR_IN_CREATE",
    "NO_ENGINE_SUBSTITUTION",
    "NO_UNSIGNED_SUBTRACTION",
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "ONLY_FULL_GROUP_BY",
    "PAD_CHAR_TO_FULL_LENGTH",
    "PIPES_AS_CONCAT",
    "REAL_AS_FLOAT",
    "SIMULTANEOUS_ASSIGNMENT",
    "STRICT_ALL_TABLES",
    "STRICT_TRANS_TABLES",
    "TIME_ROUND_FRACTIONAL",
    "TIME_TRUNCATE_FRACTIONAL",
    "TRADITIONAL",
};

constexpr std::array<std::string_view, 6> charsets = {"utf8mb4", "utf8mb3", "utf8",
                                                      "latin1",  "ascii",   "binary"};

static_assert(std::is_sorted(std::begin(settable), std::end(settable),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
static_assert(std::is_sorted(std::begin(readable), std::end(readable)));
static_assert(std::is_sorted(std::begin(amounts_of_memory), std::end(amounts_of_memory)));
static_assert(std::is_sorted(std::begin(modes), std::end(modes)));

}  // namespace

const variable_entry* find_settable(std::string_view name) {
    const auto* at =
        std::lower_bound(std::begin(settable), std::end(settable), name,
                         [](const variable_entry& entry, std::string_view n) { return entry.name < n; });
    return at != std::end(settable) && at->name == name ? at : nullptr;
}

std::span<const variable_entry> settable_variables() {
    return settable;
}

bool is_readable(std::string_view name) {
    return std::binary_search(std::begin(readable), std::end(readable), name);
}

bool is_amount_of_memory(std::string_view name) {
    return std::binary_search(std::begin(amounts_of_memory), std::end(amounts_of_memory), name);
}

bool is_allowed_mode(std::string_view mode) {
    return std::binary_search(std::begin(modes), std::end(modes), mode);
}

std::span<const std::string_view> readable_variables() {
    return readable;
}

std::span<const std::string_view> allowed_modes() {
    return modes;
}

bool is_allowed_charset(std::string_view name) {
    return std::find(charsets.begin(), charsets.end(), name) != charsets.end();
}

bool is_allowed_collation(std::string_view name) {
    if (name == "binary") return true;
    std::size_t end = name.find('_');
    return end != std::string_view::npos && name.substr(0, end) != "binary" &&
           is_allowed_charset(name.substr(0, end));
}

}  // namespace fairlead::policy::mysql::guard
