#include "dal/estate/mysql/account_reader.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

/// What the account is granted stands before TO; behind it may stand the hash of its password.
std::string without_account(const std::string& line) {
    return line.substr(0, line.find(" TO "));
}

class AccountReader {
public:
    AccountReader(Connection& connection, policy::mysql::flavour flavour)
        : connection_(connection), flavour_(flavour) {}

    SqlResult<AccountFacts> read() {
        SqlResult<Rows> own = connection_.execute("SHOW GRANTS");
        if (!own) return own.error();
        add(*own);
        if (flavour_ == policy::mysql::flavour::mariadb) {
            read_public();
            read_roles_in_turn();
        } else {
            read_roles_together();
        }
        return std::move(facts_);
    }

private:
    void add(const Rows& rows) {
        for (const Row& row : rows.rows) {
            const std::string line = row.empty() ? "" : row[0].value_or("");
            if (gives_nothing(line)) continue;
            std::optional<Grant> grant = parse_grant(line);
            if (!grant) {
                facts_.not_understood.push_back(without_account(line));
            } else if (grant->level == Grant::Level::role) {
                add_role(grant->object);
            } else {
                facts_.grants.push_back(std::move(*grant));
            }
        }
    }

    void add_role(const std::string& role) {
        if (std::find(roles_.begin(), roles_.end(), role) == roles_.end()) roles_.push_back(role);
    }

    /// What everybody may (MariaDB 10.11). Servers before it know no PUBLIC.
    void read_public() {
        if (SqlResult<Rows> rows = connection_.execute("SHOW GRANTS FOR PUBLIC")) add(*rows);
    }

    /// MariaDB shows the rights of the current role only. `roles_` grows by roles of roles.
    void read_roles_in_turn() {
        if (roles_.empty()) return;
        const SqlResult<Rows> before = connection_.execute("SELECT CURRENT_ROLE()");
        for (std::size_t i = 0; i < roles_.size(); ++i) {
            const std::string role = roles_[i];
            SqlResult<Rows> rows = connection_.execute("SET ROLE " + role);
            if (rows) rows = connection_.execute("SHOW GRANTS");
            if (rows) {
                add(*rows);
            } else {
                facts_.unseen_roles.push_back(role);
            }
        }
        const std::string role = before ? before->single() : "";
        const SqlResult<Rows> back =
            connection_.execute("SET ROLE " + (role.empty() ? "NONE" : connection_.quote(role)));
        if (!back) facts_.unseen_roles.push_back(role);
    }

    void read_roles_together() {
        if (roles_.empty()) return;
        std::string all;
        for (const std::string& role : roles_) all += (all.empty() ? "" : ", ") + role;
        if (SqlResult<Rows> rows = connection_.execute("SHOW GRANTS FOR CURRENT_USER() USING " + all)) {
            add(*rows);
        } else {
            facts_.unseen_roles.push_back(all);
        }
    }

    Connection& connection_;
    policy::mysql::flavour flavour_;
    AccountFacts facts_;
    std::vector<std::string> roles_;  // as the server quotes them
};

}  // namespace

SqlResult<AccountFacts> read_account(Connection& connection, policy::mysql::flavour flavour) {
    return AccountReader(connection, flavour).read();
}

}  // namespace fairlead::dal::mysql
