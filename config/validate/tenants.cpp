#include "config/enum_names.h"
#include "config/validate/entry_report.h"

#include <algorithm>
#include <unordered_map>

namespace fairlead::config::rules {

namespace {

constexpr std::size_t longest_id = 63;

/// The safe alphabet (rule G11): an id ends up in labels, schema and database names, tokens and literals, and
/// must mean the same in each, in any collation and without quoting.
bool is_tenant_id(std::string_view id) {
    auto alphanumeric = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !id.empty() && id.size() <= longest_id && alphanumeric(id[0]) &&
           std::all_of(id.begin(), id.end(), [&](char c) { return alphanumeric(c) || c == '_' || c == '-'; });
}

class TenantRules {
public:
    TenantRules(const Draft& draft, Report& report) : draft_(draft), report_(report) {
        first_.reserve(draft.tenants.size());
        for (const Placement& placement : draft.settings.placements)
            placements_.emplace(placement.name, &placement);
    }

    void check(std::size_t i) {
        const Tenant& tenant = draft_.tenants[i];
        EntryReport at{report_, "tenants", draft_.tenant_sources[i]};
        check_id(at, tenant, i);
        if (!at.source.links.given())
            at.mistake({}, "placement",
                       "is required: the name of a [placements.NAME] table, or a list of names");
        check_placements_of(at, tenant);
    }

private:
    void check_id(const EntryReport& at, const Tenant& tenant, std::size_t i) {
        if (!at.source.name.given()) return at.mistake({}, "id", "is required");
        if (tenant.id.empty()) return;  // a wrong value, reported when it was read
        if (!is_tenant_id(tenant.id))
            at.mistake(
                at.source.name, "id",
                shown(at.source.name, tenant.id) +
                    " is outside of the safe alphabet: 1 to 63 characters from A-Z, a-z, 0-9, _ and -, "
                    "the first a letter or a digit (rule G11)");
        auto [first, fresh] = first_.emplace(tenant.id, i);
        if (!fresh) at.mistake(at.source.name, "id", duplicate(at, tenant.id, first->second));
    }

    std::string duplicate(const EntryReport& at, std::string_view id, std::size_t first) const {
        const EntrySource& other = draft_.tenant_sources[first];
        std::string where = " is given twice, first on line " + std::to_string(other.name.line);
        if (other.block.file != at.source.block.file) where += " of the main file";
        return shown(at.source.name, id) + where;
    }

    void check_placements_of(const EntryReport& at, const Tenant& tenant) {
        known_.clear();
        for (const std::string& name : tenant.placements) {
            auto found = placements_.find(name);
            if (found != placements_.end()) {
                known_.push_back(found->second);
                continue;
            }
            at.mistake(at.source.links, "placement",
                       "there is no placement " + shown(at.source.links, name) +
                           suggestions_.text(at.source.links, name, draft_.settings.placements,
                                             [](const Placement& p) -> std::string_view { return p.name; }));
        }
        for (std::size_t a = 0; a < known_.size(); ++a)
            for (std::size_t b = a + 1; b < known_.size(); ++b)
                check_pair(at, tenant, *known_[a], *known_[b]);
    }

    /// A client names an engine (by the port it connects to) and a database; that must lead to one place.
    void check_pair(const EntryReport& at, const Tenant& tenant, const Placement& a, const Placement& b) {
        if (a.name == b.name)
            return at.mistake(at.source.links, "placement",
                              "placement " + in_quotes(a.name) + " is named twice");
        const Backend* backend_a = find_backend(draft_, a.backend);
        const Backend* backend_b = find_backend(draft_, b.backend);
        if (backend_a == nullptr || backend_b == nullptr || backend_a->engine != backend_b->engine) return;
        std::string exposed = exposed_database(a, tenant.id);
        if (exposed != exposed_database(b, tenant.id)) return;
        at.mistake(at.source.links, "placement",
                   "placements " + in_quotes(a.name) + " and " + in_quotes(b.name) + " are both " +
                       std::string(name_of(backend_a->engine)) + " and both reached as database " +
                       shown_name(draft_, a, a.expose_as.empty() ? "database" : "expose_as", exposed) +
                       "; set expose_as in one of them");
    }

    const Draft& draft_;
    Report& report_;
    std::unordered_map<std::string_view, std::size_t> first_;
    std::unordered_map<std::string_view, const Placement*> placements_;
    std::vector<const Placement*> known_;
    Suggestions suggestions_;
};

}  // namespace

void check_tenants(const Draft& draft, Report& report) {
    TenantRules rules(draft, report);
    for (std::size_t i = 0; i < draft.tenants.size(); ++i) rules.check(i);
}

}  // namespace fairlead::config::rules
