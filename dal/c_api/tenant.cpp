#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"

#include <chrono>

namespace c_api = fairlead::dal::c_api;

fairlead_tenant* fairlead_get_tenant(const fairlead_source* source, const char* id, const char* database,
                                     fairlead_error** error) {
    return c_api::guarded_handle<fairlead_tenant>(error, [&] {
        const auto& open = c_api::needed(source, "fairlead_get_tenant: source is NULL").source;
        const auto wanted = c_api::needed_text(id, "fairlead_get_tenant: id is NULL");
        return fairlead_tenant{open.tenant(wanted, database != nullptr ? database : "")};
    });
}

const char* fairlead_tenant_id(const fairlead_tenant* tenant) {
    return tenant != nullptr ? tenant->tenant.id().c_str() : "";
}

void fairlead_tenant_free(fairlead_tenant* tenant) {
    delete tenant;
}

fairlead_tenant* fairlead_tenant_with(const fairlead_tenant* tenant, const fairlead_call_options* options,
                                      fairlead_error** error) {
    return c_api::guarded_handle<fairlead_tenant>(error, [&] {
        const auto& given = c_api::needed(options, "fairlead_tenant_with: options is NULL");
        fairlead::CallOptions wanted;
        wanted.timeout = std::chrono::milliseconds(given.timeout_ms);
        wanted.prepare = !given.do_not_prepare;
        if (given.canceller != nullptr) wanted.stop = given.canceller->source.get_token();
        return fairlead_tenant{
            c_api::needed(tenant, "fairlead_tenant_with: tenant is NULL").tenant.with(std::move(wanted))};
    });
}

fairlead_canceller* fairlead_canceller_new(fairlead_error** error) {
    return c_api::guarded_handle<fairlead_canceller>(error, [] { return fairlead_canceller(); });
}

void fairlead_cancel(fairlead_canceller* canceller) {
    if (canceller != nullptr) canceller->source.request_stop();
}

void fairlead_canceller_free(fairlead_canceller* canceller) {
    delete canceller;
}
