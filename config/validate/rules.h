#pragma once

#include "config/draft.h"
#include "config/key_path.h"

#include <string>
#include <string_view>

/// The rules behind validate(), one file for each subject.
namespace fairlead::config::rules {

void check_listeners(const Draft& draft, Report& report);
/// A proxy without one would serve nobody; an embedded library needs none.
void check_that_there_is_a_listener(const Draft& draft, Report& report);
void check_backends(const Draft& draft, Report& report);
void check_placements(const Draft& draft, Report& report);
void check_tenants(const Draft& draft, Report& report);
void check_users(const Draft& draft, Report& report);

/// No two tenants may live in one database or schema that no isolation guards, nor in one that the server
/// needs.
void check_homes(const Draft& draft, Report& report);

/// What validation of settings shares: a mistake or warning at a dotted key.
struct SettingsReport {
    const Draft& draft;
    Report& report;
    std::string prefix;  // "backends.pg1"

    std::string key(std::string_view name) const {
        return name.empty() ? prefix : prefix + "." + std::string(name);
    }
    bool given(std::string_view name) const { return draft.given(key(name)); }
    Location at(std::string_view name) const { return draft.place(key(name)); }
    void mistake(std::string_view name, std::string message) const {
        report.mistake(at(name), key(name), std::move(message));
    }
    void warning(std::string_view name, std::string message) const {
        report.warning(at(name), key(name), std::move(message));
    }
    /// A mistake unless the key is given; a key that is given with a wrong value has been reported already.
    void require(std::string_view name, std::string_view what_for) const {
        if (!given(name)) mistake(name, "is required: " + std::string(what_for));
    }
};

/// "backends.pg1", and "tenants[3].id" (or "tenants[3]" without a name).
std::string key_of(std::string_view table, std::string_view name);
std::string key_of(std::string_view list, std::size_t index, std::string_view name);

/// A name made from a placement's pattern ("database", "schema" or "expose_as"), quoted, unless the pattern
/// came from the environment.
std::string shown_name(const Draft& draft, const Placement& placement, std::string_view pattern_key,
                       std::string_view name);

/// Null when there is none of that name.
const Backend* find_backend(const Draft& draft, std::string_view name);
const Placement* find_placement(const Draft& draft, std::string_view name);

inline constexpr std::string_view tenant_mark = "{id}";
inline bool names_tenant(std::string_view pattern) {
    return pattern.find(tenant_mark) != std::string_view::npos;
}

}  // namespace fairlead::config::rules
