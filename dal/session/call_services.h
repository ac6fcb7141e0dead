#pragma once

#include "dal/session/statement_guard.h"
#include "fairlead/trace.h"

#include <memory>

namespace fairlead::dal {

/// What all calls of one data source share; outlives them.
struct call_services {
    explicit call_services(std::size_t guard_bytes, std::shared_ptr<Tracer> who)
        : guard(guard_bytes), tracer(std::move(who)) {}

    statement_guard guard;
    const std::shared_ptr<Tracer> tracer;  // null: nobody
};

}  // namespace fairlead::dal
