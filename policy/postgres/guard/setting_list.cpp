#include "policy/postgres/guard/setting_list.h"

#include <algorithm>
#include <array>

namespace fairlead::policy::postgres::guard {

namespace {

// Sorted. Each concerns only the session that sets it, and the proxy can restore it on another connection.
// Not here: work_mem and other amounts of memory, synchronous_commit, anything that logs or loads, dotted
// names.
constexpr std::array settings = {
    setting_entry{"application_name"},
    setting_entry{"array_nulls"},
    setting_entry{"bytea_output"},
    setting_entry{"client_encoding", setting_values::ascii_safe_encoding},
    setting_entry{"client_min_messages", setting_values::message_level},
    setting_entry{"constraint_exclusion"},
    setting_entry{"cpu_index_tuple_cost"},
    setting_entry{"cpu_operator_cost"},
    setting_entry{"cpu_tuple_cost"},
    setting_entry{"cursor_tuple_fraction"},
    setting_entry{"datestyle"},
    setting_entry{"default_text_search_config", setting_values::object_name},
    setting_entry{"default_transaction_deferrable"},
    setting_entry{"default_transaction_isolation"},
    setting_entry{"default_transaction_read_only"},
    setting_entry{"enable_async_append"},
    setting_entry{"enable_bitmapscan"},
    setting_entry{"enable_gathermerge"},
    setting_entry{"enable_hashagg"},
    setting_entry{"enable_hashjoin"},
    setting_entry{"enable_incremental_sort"},
    setting_entry{"enable_indexonlyscan"},
    setting_entry{"enable_indexscan"},
    setting_entry{"enable_material"},
    setting_entry{"enable_memoize"},
    setting_entry{"enable_mergejoin"},
    setting_entry{"enable_nestloop"},
    setting_entry{"enable_parallel_append"},
    setting_entry{"enable_parallel_hash"},
    setting_entry{"enable_partition_pruning"},
    setting_entry{"enable_partitionwise_aggregate"},
    setting_entry{"enable_partitionwise_join"},
    setting_entry{"enable_seqscan"},
    setting_entry{"enable_sort"},
    setting_entry{"enable_tidscan"},
    setting_entry{"escape_string_warning"},
    setting_entry{"extra_float_digits"},
    setting_entry{"from_collapse_limit"},
    setting_entry{"geqo"},
    setting_entry{"idle_in_transaction_session_timeout"},
    setting_entry{"intervalstyle"},
    setting_entry{"jit"},
    setting_entry{"jit_above_cost"},
    setting_entry{"jit_inline_above_cost"},
    setting_entry{"jit_optimize_above_cost"},
    setting_entry{"join_collapse_limit"},
    setting_entry{"lc_monetary"},
    setting_entry{"lc_numeric"},
    setting_entry{"lc_time"},
    setting_entry{"lock_timeout"},
    setting_entry{"plan_cache_mode"},
    setting_entry{"quote_all_identifiers"},
    setting_entry{"random_page_cost"},
    setting_entry{"row_security", setting_values::on_only},
    setting_entry{"search_path", setting_values::search_path},
    setting_entry{"seq_page_cost"},
    setting_entry{"standard_conforming_strings", setting_values::on_only},
    setting_entry{"statement_timeout"},
    setting_entry{"timezone"},
    setting_entry{"xmlbinary"},
    setting_entry{"xmloption"},
};
static_assert(std::is_sorted(settings.begin(), settings.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

constexpr std::array<std::string_view, 19> readable = {
    "backslash_quote",
    "block_size",
    "default_transaction_isolation",
    "in_hot_standby",
    "integer_datetimes",
    "is_superuser",
    "lc_collate",
    "lc_ctype",
    "lc_messages",
    "max_identifier_length",
    "max_index_keys",
    "server_encoding",
    "server_version",
    "server_version_num",
    "session_authorization",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
    "work_mem",
};
static_assert(std::is_sorted(readable.begin(), readable.end()));

}  // namespace

const setting_entry* find_setting(std::string_view name) {
    const auto* at = std::lower_bound(settings.begin(), settings.end(), name,
                                      [](const setting_entry& s, std::string_view n) { return s.name < n; });
    return at != settings.end() && at->name == name ? at : nullptr;
}

std::span<const setting_entry> changeable_settings() {
    return settings;
}

bool is_readable_setting(std::string_view name) {
    return find_setting(name) != nullptr || std::binary_search(readable.begin(), readable.end(), name);
}

}  // namespace fairlead::policy::postgres::guard
