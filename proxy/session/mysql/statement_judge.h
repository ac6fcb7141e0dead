#pragma once

#include "policy/mysql/guard.h"
#include "policy/verdict.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::proxy::mysql {

/// The guard as sessions see it. One per worker; not thread-safe.
class statement_judge {
public:
    virtual ~statement_judge() = default;

    /// Never null. `scope` is identified by its address until it is forgotten.
    virtual policy::VerdictPtr check(const policy::mysql::GuardScope& scope,
                                     const policy::mysql::Speaker& speaker, std::string_view sql) = 0;

    /// Appends `sql` with the splices of `verdict`, which check() gave for this very text, carried out.
    /// `connection_id`: what CONNECTION_ID() has to say. False: that cannot be done; nothing may be sent.
    virtual bool render(const policy::Verdict& verdict, const policy::mysql::Speaker& speaker,
                        std::uint32_t connection_id, std::string_view sql, std::string& out) = 0;
};

/// What holds for a text that nobody read, on a server of the tenant's own: it passes, and its client keeps
/// the connection. Never null.
policy::VerdictPtr pass_unread();

}  // namespace fairlead::proxy::mysql
