#include "dal/estate/served_placement.h"

#include <cstdint>
#include <tuple>

namespace fairlead::dal {
namespace {

std::uint64_t epoch_of(const policy::CataloguePtr& catalogue) {
    return catalogue != nullptr ? catalogue->epoch() : 0;
}

// The bindings name every member: one that is added does not compile here until it is compared, too.
bool same(const policy::postgres::GuardScope& a, const policy::postgres::GuardScope& b) {
    const auto content = [](const policy::postgres::GuardScope& scope) {
        const auto& [model, isolation, pooling, by_schema, column, variable, functions, catalogue] = scope;
        return std::tuple(model, isolation, pooling, by_schema, column, variable, functions,
                          catalogue != nullptr, epoch_of(catalogue));
    };
    return content(a) == content(b);
}

bool same(const policy::mysql::GuardScope& a, const policy::mysql::GuardScope& b) {
    const auto content = [](const policy::mysql::GuardScope& scope) {
        const auto& [model, pooling, column, functions, server, version, lower_case, catalogue] = scope;
        return std::tuple(model, pooling, column, functions, server, version, lower_case,
                          catalogue != nullptr, epoch_of(catalogue));
    };
    return content(a) == content(b);
}

bool same(const policy::postgres::ContextKey& a, const policy::postgres::ContextKey& b) {
    return a.id == b.id && a.secret == b.secret;
}

template <typename Content>
void keep(std::shared_ptr<const Content>& fresh, const std::shared_ptr<const Content>& known) {
    if (fresh != nullptr && known != nullptr && same(*fresh, *known)) fresh = known;
}

}  // namespace

void keep_unchanged(served_placement& fresh, const served_placement& known) {
    keep(fresh.postgres.scope, known.postgres.scope);
    keep(fresh.postgres.key, known.postgres.key);
    keep(fresh.mysql.scope, known.mysql.scope);
}

bool serve_alike(const served_placement& a, const served_placement& b) {
    return a.name == b.name && a.backend == b.backend && a.refusal == b.refusal &&
           a.client_refusal == b.client_refusal && a.postgres.scope == b.postgres.scope &&
           a.postgres.key == b.postgres.key && a.mysql.scope == b.mysql.scope &&
           a.mysql.sql_mode == b.mysql.sql_mode && a.mysql.hidden_code == b.mysql.hidden_code;
}

}  // namespace fairlead::dal
