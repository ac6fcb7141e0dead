#include "fairlead/session.h"

#include "dal/library/session_impl.h"

#include <utility>

namespace fairlead {
namespace {

detail::kept_calls& calls(const std::unique_ptr<detail::session_impl>& impl) {
    if (impl == nullptr) detail::fail_usage("the session was moved from");
    return impl->calls();
}

}  // namespace

Session::Session(std::unique_ptr<detail::session_impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

ResultSet Session::run(const Statement& statement, Diagnostics& failed) {
    return calls(impl_).run(statement, failed);
}

RowStream Session::open_stream(const Statement& statement, Diagnostics& failed) {
    return calls(impl_).open_stream(statement, failed);
}

}  // namespace fairlead
