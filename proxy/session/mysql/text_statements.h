#pragma once

#include "policy/mysql/lex_mode.h"
#include "policy/verdict.h"
#include "proxy/session/mysql/placement_scope.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fairlead::proxy::mysql {

/// What a client prepared by PREPARE name FROM '...', on the connection that is lent to it. The names live on
/// that connection and nowhere else: the client is pinned to it while it has any, the connection is reset
/// before anybody else gets it, and whoever has no such name here is told so without asking a server.
/// Not thread-safe.
class text_statements {
public:
    struct statement {
        std::string sql;  // the whole PREPARE, as the client sent it, to judge it again
        policy::mysql::lex_mode mode;
        policy::VerdictPtr verdict;                    // on that text
        std::shared_ptr<const placement_scope> scope;  // the verdict was made under
    };

    bool empty() const { return prepared_.empty(); }
    std::size_t size() const { return prepared_.size(); }
    /// nullptr: there is none. `name` in lower case.
    statement* find(std::string_view name);

    /// PREPARE was sent. The server drops whatever had the name before, even if this one fails.
    void sent(std::string name, statement made);
    /// The PREPARE that was sent last was answered.
    void answered(bool prepared);
    void remove(std::string_view name);

private:
    std::unordered_map<std::string, statement> prepared_;
    std::string sent_name_;
    std::optional<statement> sent_;
};

/// Whether these texts mean the same under both verdicts: what the server has been sent is what it would be
/// sent now.
bool same_splices(const policy::Verdict& a, const policy::Verdict& b);

}  // namespace fairlead::proxy::mysql
