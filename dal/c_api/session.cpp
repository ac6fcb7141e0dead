#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"

namespace c_api = fairlead::dal::c_api;

fairlead_session* fairlead_session_new(fairlead_tenant* tenant, fairlead_error** error) {
    return c_api::guarded_handle<fairlead_session>(error, [&] {
        return fairlead_session{
            c_api::needed(tenant, "fairlead_session_new: tenant is NULL").tenant.session()};
    });
}

void fairlead_session_free(fairlead_session* session) {
    delete session;
}
