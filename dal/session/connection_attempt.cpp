#include "dal/session/connection_attempt.h"

#include "dal/driver/server_error.h"

#include <utility>

namespace fairlead::dal {

connection_attempt::connection_attempt(const keeper_tools& tools,
                                       std::shared_ptr<const config::Backend> backend, std::string database,
                                       std::size_t first_address, TimePoint now)
    : tools_(tools),
      backend_(std::move(backend)),
      options_(connect_options(*backend_, std::move(database))),
      next_address_(first_address),
      began_(now) {
    options_.application_name = tools_.application_name;
}

connection_attempt::connection_attempt(const keeper_tools& tools, const connection_origin& origin,
                                       TimePoint now)
    : connection_attempt(tools, origin.backend, origin.database, 0, now) {
    addresses_ = {origin.address};
}

keeper_job::wish connection_attempt::wants() const {
    const TimePoint deadline = began_ + options_.connect_timeout;
    if (session_ == nullptr) return {-1, Wait::nothing, deadline};
    return {session_->descriptor(), wait_, deadline};
}

connection_attempt::state connection_attempt::advance(Wait ready, TimePoint now) {
    if (now >= began_ + options_.connect_timeout) return fail("timed out");
    if (addresses_.empty()) return resolve(now);
    if (session_ == nullptr) return connect_next();
    if (ready == Wait::nothing) return state::running;
    return after(session_->resume(ready));
}

connection_attempt::state connection_attempt::resolve(TimePoint now) {
    auto answer = tools_.names.look_up(backend_->host, backend_->dns_ttl, began_, now);
    if (answer.pending) return state::running;
    if (answer.addresses.empty()) return fail(std::move(answer.error));
    addresses_ = std::move(answer.addresses);
    return connect_next();
}

connection_attempt::state connection_attempt::connect_next() {
    ++tried_;
    options_.host = addresses_[next_address_++ % addresses_.size()];
    session_ = tools_.make_session(backend_->engine, backend_->max_server_prepared_statements);
    return after(session_->start_connect(options_, backend_->host));
}

connection_attempt::state connection_attempt::after(Wait wait) {
    wait_ = wait;
    if (wait != Wait::nothing) return state::running;
    if (!session_->failed()) return state::connected;
    // The server's own refusal is final; an address where nobody listens is not.
    const bool unreached = session_->failed().sqlstate.empty();
    if (unreached && tried_ < addresses_.size()) return connect_next();
    return fail(session_->failed());
}

connection_attempt::state connection_attempt::fail(Diagnostics why) {
    failed_ = std::move(why);
    failed_.set(errc::connection);
    if (!failed_.message.starts_with("connecting to "))
        failed_.message = connect_failure(options_, failed_.message);
    tools_.names.forget(backend_->host);  // it may point elsewhere by now
    session_.reset();
    return state::failed;
}

connection_attempt::state connection_attempt::fail(std::string why) {
    return fail(connection_error(std::move(why)));
}

}  // namespace fairlead::dal
