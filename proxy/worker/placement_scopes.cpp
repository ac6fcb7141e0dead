#include "proxy/worker/placement_scopes.h"

#include <algorithm>
#include <utility>

namespace fairlead::proxy::worker {
namespace {

std::shared_ptr<const postgres::placement_scope> postgres_scope(const dal::served_placement& placement) {
    if (placement.postgres.scope == nullptr) return nullptr;
    auto scope = std::make_shared<postgres::placement_scope>();
    scope->name = placement.name;
    scope->guard = *placement.postgres.scope;
    scope->context = policy::postgres::context_of(scope->guard);
    scope->context_variable = scope->guard.context_variable;
    scope->session_pooling = scope->guard.session_pooling;
    return scope;
}

std::shared_ptr<const mysql::placement_scope> mysql_scope(const dal::served_placement& placement) {
    if (placement.mysql.scope == nullptr) return nullptr;
    auto scope = std::make_shared<mysql::placement_scope>();
    scope->name = placement.name;
    scope->guard = *placement.mysql.scope;
    scope->sql_mode = placement.mysql.sql_mode;
    scope->session_pooling = scope->guard.session_pooling;
    scope->hidden_code = placement.mysql.hidden_code;
    return scope;
}

}  // namespace

std::vector<scoped_placement> make_scopes(std::vector<dal::served_placement> verified,
                                          const std::vector<scoped_placement>& before) {
    std::vector<scoped_placement> scoped;
    for (dal::served_placement& now : verified) {
        auto known = std::find_if(before.begin(), before.end(), [&](const scoped_placement& each) {
            return each.verified.name == now.name;
        });
        bool same_postgres = known != before.end() && known->verified.postgres.scope == now.postgres.scope;
        bool same_mysql = known != before.end() && known->verified.mysql.scope == now.mysql.scope &&
                          known->verified.mysql.sql_mode == now.mysql.sql_mode &&
                          known->verified.mysql.hidden_code == now.mysql.hidden_code;
        auto of_postgres = same_postgres ? known->postgres : postgres_scope(now);
        auto of_mysql = same_mysql ? known->mysql : mysql_scope(now);
        scoped.push_back({std::move(now), std::move(of_postgres), std::move(of_mysql)});
    }
    return scoped;
}

}  // namespace fairlead::proxy::worker
