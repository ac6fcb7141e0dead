#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"
#include "dal/c_api/values.h"

namespace c_api = fairlead::dal::c_api;

fairlead_load* fairlead_load_new(fairlead_tenant* tenant, const char* table, const char* const* columns,
                                 size_t count, fairlead_error** error) {
    return c_api::guarded_handle<fairlead_load>(error, [&] {
        std::vector<std::string_view> names;
        if (count != 0) c_api::needed(columns, "fairlead_load_new: columns is NULL, and count is not 0");
        for (std::size_t i = 0; i < count; ++i)
            names.push_back(c_api::needed_text(columns[i], "fairlead_load_new: a column is NULL"));
        const auto into = c_api::needed_text(table, "fairlead_load_new: table is NULL");
        return fairlead_load{
            c_api::needed(tenant, "fairlead_load_new: tenant is NULL").tenant.bulk_load(into, names)};
    });
}

fairlead_kind fairlead_load_row(fairlead_load* load, const fairlead_value* values, size_t count,
                                fairlead_error** error) {
    return c_api::guarded(error, [&] {
        c_api::needed(load, "fairlead_load_row: load is NULL").load.add(c_api::arguments_of(values, count));
    });
}

fairlead_kind fairlead_load_finish(fairlead_load* load, uint64_t* rows, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const uint64_t loaded = c_api::needed(load, "fairlead_load_finish: load is NULL").load.finish();
        if (rows != nullptr) *rows = loaded;
    });
}

void fairlead_load_free(fairlead_load* load) {
    delete load;
}
