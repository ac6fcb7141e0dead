#pragma once

#include "policy/verdict.h"

#include <string_view>

namespace fairlead::proxy {

/// What happened in a session, for metrics and the log. Called on the worker's thread, in the middle of a
/// step: must not re-enter.
class session_observer {
public:
    virtual ~session_observer() = default;
    virtual void on_refusal(const policy::Refusal& refusal, std::string_view sql) = 0;
    virtual void on_error(std::string_view sqlstate, bool from_server) = 0;
    virtual void on_statement() = 0;
    virtual void on_pin(policy::Pin reason) = 0;
    virtual void on_unpin() = 0;
};

}  // namespace fairlead::proxy
