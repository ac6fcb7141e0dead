#pragma once

#include "dal/session/operation.h"
#include "fairlead/async.h"

namespace fairlead::dal {

/// One asynchronous call as the library runs it: the operation, with all that the operation refers to (the
/// copied text, the tenant, the transaction). Used by one thread at a time; destroyed when the call is over.
class async_work {
public:
    virtual ~async_work() = default;
    async_work() = default;
    async_work(const async_work&) = delete;
    async_work& operator=(const async_work&) = delete;

    virtual Operation& operation() = 0;
    /// Once, after the operation is done and has not failed: what it has brought.
    virtual void collect(fairlead::detail::async_outcome& outcome) = 0;
};

}  // namespace fairlead::dal
