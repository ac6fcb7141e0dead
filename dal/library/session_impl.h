#pragma once

#include "dal/library/kept_calls.h"

namespace fairlead::detail {

/// What is behind a Session.
class session_impl {
public:
    explicit session_impl(std::shared_ptr<const tenant_impl> tenant) : calls_(std::move(tenant), nullptr) {}

    kept_calls& calls() { return calls_; }

private:
    kept_calls calls_;
};

}  // namespace fairlead::detail
