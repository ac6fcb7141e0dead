#pragma once

#include "config/draft.h"
#include "config/value.h"

namespace fairlead::config {

/// [[tenants]] and [[users]], appended to the draft. Written for 100,000 of each: no string is built for an
/// entry without mistakes except its own values.
void read_tenants(const Value& list, Draft& draft);
void read_users(const Value& list, Draft& draft);

}  // namespace fairlead::config
