#pragma once

#include "config/draft.h"
#include "config/purpose.h"

namespace fairlead::config {

/// Settles the defaults that depend on other settings (the server's port, isolation, the listener's TLS
/// mode). Before validate().
void settle_defaults(Draft& draft);

/// Every rule that concerns more than one value: references, engine against isolation, what a model needs,
/// limits against each other, uniqueness, and that no two tenants share a home that nothing keeps apart.
/// Reports; changes nothing. Linear in the number of tenants and users.
void validate(const Draft& draft, Report& report, Purpose purpose);

}  // namespace fairlead::config
