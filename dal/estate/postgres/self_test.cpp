#include "dal/estate/postgres/self_test.h"

#include "dal/estate/postgres/isolation.h"
#include "policy/postgres/quote.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

using config::Isolation;

constexpr std::int64_t ten_years_s = 10ll * 365 * 86'400;
// Server shut down, busy, or locked by a statement that takes long; none at all: not the server's word, but
// of a connection that broke. Whether tenants are kept apart is another question, and still open.
bool is_no_answer(const SqlError& error) {
    if (error.sqlstate.empty()) return true;
    const std::string_view of = std::string_view(error.sqlstate).substr(0, 2);
    return of == "08" || of == "40" || of == "53" || of == "55" || of == "57" || of == "58";
}

constexpr std::size_t asked_tables = 5;  // every table's policy was read already; this asks whether it works

class SelfTest {
public:
    SelfTest(Connection& connection, const Inventory& inventory, const config::Placement& placement,
             const std::string& install)
        : connection_(connection), inventory_(inventory), placement_(placement), install_(install) {}

    SqlResult<std::vector<Finding>> run(const std::vector<policy::postgres::ContextKey>& keys) {
        ask_for_rows();
        if (placement_.isolation == Isolation::sealed && !keys.empty() && inventory_.tenant_function)
            ask_tokens(keys);
        if (unanswered_) return *std::move(unanswered_);
        return std::move(findings_);
    }

private:
    void fail(const std::string& object, const std::string& problem, const std::string& remedy) {
        findings_.push_back({Severity::error, object, problem, remedy});
    }

    /// One question in a transaction of its own, with `token` as the context (none when null). The answer's
    /// first value; errors become findings.
    std::optional<std::string> ask(const std::string& question, const std::string* token) {
        std::optional<std::string> answer;
        if (unanswered_) return answer;
        const auto run = [&](const std::string& statement, const Connection::Parameters& parameters = {}) {
            SqlResult<Rows> rows = connection_.execute(statement, parameters);
            if (rows) return std::optional<Rows>(std::move(rows).value());
            if (is_no_answer(rows.error())) {
                unanswered_ = rows.error();
            } else {
                fail("self-test", "\"" + statement + "\" failed: " + rows.error().message, install_);
            }
            return std::optional<Rows>();
        };
        if (!run("BEGIN READ ONLY")) return answer;
        const bool ready =
            run("SET LOCAL statement_timeout = '5s'") &&
            (token == nullptr || run(std::string(policy::postgres::set_context_statement), {*token}));
        if (ready) {
            if (const std::optional<Rows> rows = run(question)) answer = rows->single();
        }
        if (connection_.is_open()) run("ROLLBACK");
        return answer;
    }

    void ask_for_rows() {
        std::size_t asked = 0;
        for (const RelationFacts& relation : inventory_.relations) {
            if (asked == asked_tables) return;
            if (!relation.reachable || !is_isolated(relation, placement_)) continue;
            const std::string table = policy::postgres::quote_qualified(relation.schema, relation.name);
            const auto seen =
                ask("SELECT pg_catalog.count(*) FROM (SELECT FROM " + table + " LIMIT 1) AS one", nullptr);
            if (seen && *seen != "0") {
                fail("table " + relation.schema + "." + relation.name,
                     "shows rows without any tenant context", install_);
            }
            ++asked;
        }
    }

    std::string token(policy::postgres::ContextSealer& sealer, std::int64_t tag, std::int32_t pid,
                      std::int64_t valid_for_s) {
        std::string out;
        sealer.seal(out, canary_tenant, pid, tag,
                    static_cast<std::int64_t>(std::time(nullptr)) + valid_for_s);
        return out;
    }

    void expect_nobody(const std::string& what, const std::string* token) {
        const auto answer = ask("SELECT fairlead.tenant()", token);
        if (answer && !answer->empty()) {
            fail("function fairlead.tenant()", "accepts " + what + " and answers " + *answer, install_);
        }
    }

    void ask_tokens(const std::vector<policy::postgres::ContextKey>& keys) {
        const auto tag_text = ask(std::string(policy::postgres::connection_tag_query), nullptr);
        if (!tag_text) return;
        const std::int64_t tag = std::strtoll(tag_text->c_str(), nullptr, 10);
        const std::int32_t pid = connection_.backend_pid();
        const std::int64_t lifetime_s =
            std::chrono::duration_cast<std::chrono::seconds>(placement_.context_lifetime).count();
        policy::postgres::ContextSealer sealer(keys.front());

        expect_nobody("an empty context", nullptr);
        const std::string good = token(sealer, tag, pid, lifetime_s);
        std::string forged = good;
        forged.replace(0, 64, 64, '0');
        expect_nobody("a token without a signature", &forged);
        const std::string elsewhere = token(sealer, tag, pid + 1, lifetime_s);
        expect_nobody("a token of another server connection", &elsewhere);
        const std::string expired = token(sealer, tag, pid, -ten_years_s);
        expect_nobody("an expired token", &expired);
        expect_tenant(good, token(sealer, tag, pid, ten_years_s), keys.front().id);
    }

    void expect_tenant(const std::string& good, const std::string& far_future, const std::string& key_id) {
        const std::string question = "SELECT fairlead.tenant()";
        const auto answer = ask(question, &good);
        if (!answer || *answer == canary_tenant) return;
        const auto later = ask(question, &far_future);
        if (later && *later == canary_tenant) {
            fail("clock of the server",
                 "is ahead of ours by more than context_lifetime, so every token is expired",
                 "synchronise the clocks, or raise context_lifetime of placement " + placement_.name);
            return;
        }
        fail("table fairlead.context_key",
             "does not hold our signing key " + key_id + ": no tenant would see a row", install_);
    }

    Connection& connection_;
    const Inventory& inventory_;
    const config::Placement& placement_;
    const std::string& install_;
    std::vector<Finding> findings_;
    std::optional<SqlError> unanswered_;
};

}  // namespace

SqlResult<std::vector<Finding>> self_test(Connection& connection, const Inventory& inventory,
                                          const config::Placement& placement,
                                          const std::vector<policy::postgres::ContextKey>& keys,
                                          const std::string& install_command) {
    return SelfTest(connection, inventory, placement, install_command).run(keys);
}

}  // namespace fairlead::dal::postgres
