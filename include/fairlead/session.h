#pragma once

#include "fairlead/statement.h"

#include <memory>

namespace fairlead {

namespace detail {
class session_impl;
}

/// One server connection kept over several calls, for what lives in a session: SET, temporary tables,
/// advisory locks. On shared tables the guard refuses most of these. The connection is cleaned (DISCARD ALL,
/// COM_RESET_CONNECTION) before anybody else gets it.
///
/// Errors: those of Queries; a connection that breaks, or whose call is interrupted, is not replaced, since
/// its state is gone: calls then throw ConnectionFailed. Threads: one at a time. Lifetime: holds its
/// connection from its first call to its destruction, or to that of its last stream, and keeps the DataSource
/// open. Movable.
class FAIRLEAD_API Session : public Queries<Session> {
public:
    /// Made by the library.
    explicit Session(std::unique_ptr<detail::session_impl> impl);
    Session(Session&&) noexcept;             ///< the other one can only be assigned to
    Session& operator=(Session&&) noexcept;  ///< gives the own connection back
    ~Session();

private:
    friend class Queries<Session>;
    ResultSet run(const Statement& statement, Diagnostics& failed);
    RowStream open_stream(const Statement& statement, Diagnostics& failed);

    std::unique_ptr<detail::session_impl> impl_;
};

}  // namespace fairlead
