#include "dal/estate/mysql/assess_account.h"

#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

using policy::mysql::guard::quoted;

// On *.*: these show or lock more than the account needs, but no rows of other databases. What is in neither
// list (SUPER, FILE, CREATE USER, rights on the data of every database, names that newer servers add) is an
// error.
constexpr std::array<std::string_view, 2> harmless{"USAGE", "SHOW DATABASES"};
constexpr std::array<std::string_view, 11> curious{"PROCESS",
                                                   "RELOAD",
                                                   "REPLICATION CLIENT",
                                                   "BINLOG MONITOR",
                                                   "SLAVE MONITOR",
                                                   "REPLICA MONITOR",
                                                   "CONNECTION ADMIN",
                                                   "READ_ONLY ADMIN",
                                                   "LOCK TABLES",
                                                   "CREATE TEMPORARY TABLES",
                                                   "REPLICATION MASTER ADMIN"};

// On a database of shared tables: all that its clients may do through the proxy, and to look at views.
constexpr std::array<std::string_view, 7> needed{"USAGE",  "SELECT",    "INSERT", "UPDATE",
                                                 "DELETE", "SHOW VIEW", "EXECUTE"};

template <std::size_t Count>
bool is_one_of(const std::string& privilege, const std::array<std::string_view, Count>& list) {
    return std::find(list.begin(), list.end(), privilege) != list.end();
}

std::string object_of(const Grant& grant) {
    if (grant.level == Grant::Level::global) return "*.*";
    if (grant.level == Grant::Level::database) return quoted(grant.database) + ".*";
    return quoted(grant.database) + "." + quoted(grant.object);
}

class AccountAssessment {
public:
    AccountAssessment(const Inventory& inventory, const config::Placement& placement,
                      const std::vector<std::string>& databases)
        : account_(inventory.account),
          name_(inventory.server.account),
          placement_(placement),
          databases_(databases) {}

    std::vector<Finding> run() {
        for (const Grant& grant : account_.grants) assess_grant(grant);
        for (const std::string& line : account_.not_understood) {
            add(Severity::error, "has a grant that is not understood: " + line,
                "REVOKE what it grants, or report it");
        }
        for (const std::string& role : account_.unseen_roles) {
            add(Severity::error, "has the role " + role + ", whose rights could not be read",
                "REVOKE " + role + " FROM " + name_);
        }
        return std::move(findings_);
    }

private:
    void add(Severity severity, std::string problem, std::string remedy) {
        findings_.push_back({severity, "account " + name_, std::move(problem), std::move(remedy)});
    }

    std::string revoke(const std::string& privileges, const Grant& grant) const {
        return "REVOKE " + privileges + " ON " + object_of(grant) + " FROM " + name_;
    }

    void assess_grant(const Grant& grant) {
        if (grant.level == Grant::Level::proxy) {
            add(Severity::error, "may act as " + grant.object + " (PROXY)",
                "REVOKE PROXY ON " + grant.object + " FROM " + name_);
            return;
        }
        if (grant.with_grant_option) {
            add(Severity::error, "may give its rights on " + object_of(grant) + " to others (GRANT OPTION)",
                revoke("GRANT OPTION", grant));
        }
        if (grant.level == Grant::Level::global) {
            assess_global(grant);
        } else if (grant.level == Grant::Level::database) {
            assess_database(grant);
        } else {
            assess_object(grant);
        }
    }

    void assess_global(const Grant& grant) {
        std::vector<std::string> dangerous, unneeded;
        for (const std::string& privilege : grant.privileges) {
            if (is_one_of(privilege, harmless)) continue;
            (is_one_of(privilege, curious) ? unneeded : dangerous).push_back(privilege);
        }
        if (!dangerous.empty()) {
            add(Severity::error,
                "has " + joined(dangerous) + " on every database, the server's own accounts included",
                revoke(joined(dangerous), grant));
        }
        if (!unneeded.empty()) {
            add(Severity::warning, "has " + joined(unneeded) + " on the whole server and does not need it",
                revoke(joined(unneeded), grant));
        }
    }

    void assess_database(const Grant& grant) {
        if (!stays_within(grant.database, databases_)) {
            add_elsewhere(grant);
            return;
        }
        if (placement_.model != config::Model::pool || !stays_within(grant.database, {placement_.database})) {
            return;
        }
        std::vector<std::string> unneeded;
        for (const std::string& privilege : grant.privileges) {
            if (!is_one_of(privilege, needed)) unneeded.push_back(privilege);
        }
        if (unneeded.empty()) return;
        add(Severity::warning,
            "has " + joined(unneeded) + " on " + object_of(grant) +
                " and does not need it: only the guard keeps tenants from using it",
            revoke(joined(unneeded), grant) + "; migrations run as another account");
    }

    void assess_object(const Grant& grant) {
        if (!stays_within(escaped(grant.database), databases_)) add_elsewhere(grant);
    }

    /// At this level the name is a name, not a pattern.
    static std::string escaped(const std::string& name) {
        std::string out;
        for (char c : name) {
            if (c == '_' || c == '%' || c == '\\') out += '\\';
            out += c;
        }
        return out;
    }

    void add_elsewhere(const Grant& grant) {
        const bool system = grant.database == "mysql";
        add(system ? Severity::error : Severity::warning,
            "has " + joined(grant.privileges) + " on " + object_of(grant) +
                (system ? ", where the server keeps its accounts"
                        : ", which no placement of this backend names (_ and % in a name stand for any "
                          "characters unless a \\ precedes them)"),
            revoke(joined(grant.privileges), grant));
    }

    const AccountFacts& account_;
    const std::string& name_;
    const config::Placement& placement_;
    const std::vector<std::string>& databases_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> assess_account(const Inventory& inventory, const config::Placement& placement,
                                    const std::vector<std::string>& databases) {
    return AccountAssessment(inventory, placement, databases).run();
}

}  // namespace fairlead::dal::mysql
