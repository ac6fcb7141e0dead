#include "dal/session/statement_plan.h"

#include "dal/session/call_rules.h"

#include <algorithm>

namespace fairlead::dal {
namespace {

bool misused(Diagnostics& failed, std::string message, std::uint32_t position = 0) {
    failed.set(errc::usage);
    failed.message = std::move(message);
    failed.position = position;
    return false;
}

bool bind_names(std::span<const Argument> given, statement_plan& plan, Diagnostics& failed) {
    plan.bound.clear();
    std::vector<bool> used(given.size());
    for (const std::string& name : plan.named->names) {
        const auto value = std::find_if(given.begin(), given.end(),
                                        [&](const Argument& each) { return each.name() == name; });
        if (value == given.end()) return misused(failed, "no value for the placeholder :" + name);
        used[static_cast<std::size_t>(value - given.begin())] = true;
        plan.bound.push_back(*value);
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!used[i])
            return misused(failed, "no placeholder for the value named \"" + std::string(given[i].name()) +
                                       "\", or it is given twice");
    }
    plan.arguments = plan.bound;
    return true;
}

bool take_arguments(statement_guard& guard, const tenant_home& home, const Statement& statement,
                    statement_plan& plan, Diagnostics& failed) {
    plan.sql = statement.sql;
    plan.arguments = statement.arguments;
    plan.named.reset();
    const auto named =
        static_cast<std::size_t>(std::count_if(statement.arguments.begin(), statement.arguments.end(),
                                               [](const Argument& each) { return !each.name().empty(); }));
    if (named == 0) return true;
    if (named != statement.arguments.size())
        return misused(failed, "either all arguments of a call are named or none is");
    statement_guard::named_result text = guard.named(home, statement.sql);
    if (text.text == nullptr) return misused(failed, std::move(text.error), text.position);
    plan.named = std::move(text.text);
    plan.sql = plan.named->sql;
    return bind_names(statement.arguments, plan, failed);
}

// What a statement does to its session through code that nobody has read, as the catalogue is known now.
bool runs_hidden_code(const tenant_home& home, const policy::Verdict& verdict) {
    return home.engine() == config::Engine::mysql &&
           home.placement->served.mysql.hidden_code.may_run(verdict);
}

}  // namespace

bool make_plan(statement_guard& guard, const tenant_home& home, const Statement& statement,
               statement_plan& plan, Diagnostics& failed) {
    if (!take_arguments(guard, home, statement, plan, failed)) return false;
    plan.judged = guard.judge(home, plan.sql);
    const policy::Verdict& verdict = plan.verdict();
    plan.leaves_state = runs_hidden_code(home, verdict);
    if (!plan.judged->is_plain) {
        if (!may_be_called(home.engine(), plan.sql, verdict, failed)) return false;
        plan.leaves_state = plan.leaves_state || leaves_state(verdict);
    }
    if (!plan.judged->rewritten.empty()) plan.sql = plan.judged->rewritten;
    return true;
}

StatementJob make_job(const statement_plan& plan, const tenant_home& home, bool keep_prepared) {
    StatementJob job;
    job.sql = plan.sql;
    job.arguments = plan.arguments;
    job.plan_scope = home.plan_scope();
    job.known_hash = plan.judged->sent_hash;
    job.only_reads = !plan.verdict().writes;
    job.prepare = keep_prepared;
    return job;
}

}  // namespace fairlead::dal
