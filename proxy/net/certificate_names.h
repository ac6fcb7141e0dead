#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

namespace fairlead::proxy::net {

/// The first CN of the subject, UTF-8. Empty: none, or one with a NUL inside.
std::string common_name(X509* certificate);

/// The tenants that organisational units of the subject name: each OU of the form `fairlead_tenant=ID`, in
/// their order, "ID" as written. The part before "=" in any case of letters, as X.500 compares names; other
/// units (OU=Sales) name nobody, whatever tenants there are. A unit that cannot be read, or with a NUL
/// inside, names the tenant "", which does not exist: it might have named one.
std::vector<std::string> tenants_named(X509* certificate);

}  // namespace fairlead::proxy::net
