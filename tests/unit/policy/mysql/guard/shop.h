#pragma once

#include "policy/mysql/guard.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/render.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The shop that the isolation statements are about, as acme sees it.
namespace fairlead::policy::mysql::testing {

inline Relation relation(std::string name, std::vector<std::string> columns, bool tenant) {
    Relation made;
    made.schema = "shop";
    made.name = std::move(name);
    made.columns = std::move(columns);
    made.has_tenant_column = tenant;
    return made;
}

inline CataloguePtr shop_catalogue() {
    std::vector<Relation> relations = {
        relation("customers", {"tenant_id", "id", "name", "email"}, true),
        relation("orders", {"tenant_id", "id", "customer_id", "total", "note"}, true),
        relation("coupons", {"id", "tenant_id", "code"}, true),
        relation("plans", {"id", "name"}, false),
        relation("forgotten", {"id", "secret"}, false),
        relation("v_all_orders", {"tenant_id", "id"}, false),
        relation("v_plans", {"id"}, false),
        relation("numbers", {}, false),
        relation("mixed", {"tenant_id", "id"}, true),
        relation("counters", {"tenant_id", "n"}, true),
        relation("secrets", {"tenant_id", "id", "hidden"}, true),
        relation("migrated", {"id", "note", "tenant_id"}, true),
    };
    auto named = [&](std::string_view name) -> Relation& {
        for (Relation& r : relations)
            if (r.name == name) return r;
        std::abort();
    };
    named("coupons").unique_keys_without_tenant = {"PRIMARY", "code"};
    named("plans").global = true;
    named("v_all_orders").kind = RelationKind::view;
    named("v_plans").kind = RelationKind::view;
    named("v_plans").global = true;
    named("numbers").kind = RelationKind::sequence;
    named("mixed").tenant_compares_exactly = false;
    named("counters").tenant_is_text = false;
    named("secrets").hidden_columns = {"hidden"};
    named("migrated").hidden_columns = {"tenant_id"};
    return std::make_shared<Catalogue>(std::move(relations), std::vector<std::string>{"shop"}, 1);
}

inline GuardScope scope_of(config::Model model) {
    GuardScope scope;
    scope.model = model;
    if (model == config::Model::pool) {
        scope.tenant_column = "tenant_id";
        scope.catalogue = shop_catalogue();
    }
    return scope;
}

/// A session of acme. Members are changed by tests before `check`.
struct session {
    GuardScope scope = scope_of(config::Model::pool);
    Speaker speaker{"acme", "shop", "shop", {}, true, false};

    explicit session(config::Model model = config::Model::pool) : scope(scope_of(model)) {
        if (model == config::Model::bridge) speaker.database = "tenant_acme";
    }

    Verdict check(std::string_view sql) const { return analyse(scope, speaker, sql, nullptr); }
    std::string rule(std::string_view sql) const {
        Verdict verdict = check(sql);
        return verdict.refused ? verdict.refusal.rule : std::string();
    }
    /// What would be sent, or the rule in brackets.
    std::string sent(std::string_view sql) const {
        Verdict verdict = check(sql);
        if (verdict.refused) return "[" + verdict.refusal.rule + "]";
        std::vector<token> tokens;
        std::string out;
        lex(sql, speaker.mode, tokens);
        render_values values{speaker.tenant, speaker.database, 7};
        return render(sql, tokens, verdict.splices, values, out) ? out : "[not rendered]";
    }
};

}  // namespace fairlead::policy::mysql::testing
