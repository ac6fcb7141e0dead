#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::policy::postgres::guard {

/// What a built-in function is, as far as isolation goes.
enum class function_family : std::uint8_t {
    allowed,
    session_setting,       // set_config, current_setting: judged by the setting rules
    advisory_unlock_all,   // part of every driver's reset; tenants of shared tables hold no such locks
    advisory_transaction,  // pg_advisory_xact_lock...
    advisory,
    dynamic_sql,
    text_search_rewrite,  // ts_rewrite: one of its forms runs SQL text
    server_file,
    large_object,
    sleep,
    signal,
    replication,
    activity,
    snapshot,
    sequence_state,
    sequence,  // nextval
    random_seed,
    size,
    notify,
    internal,
};

/// The family of a function of pg_catalog, nullopt if PostgreSQL 15 has none of this name.
std::optional<function_family> find_built_in(std::string_view name);

/// Some built-in function has an output column of this name.
bool is_output_column(std::string_view name);

/// Names that only built-in functions and extensions with power over the server have; a name like these that
/// is not in the list may be a built-in of a newer server.
bool looks_built_in(std::string_view name);

}  // namespace fairlead::policy::postgres::guard
