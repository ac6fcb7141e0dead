#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"
#include "dal/c_api/values.h"

namespace c_api = fairlead::dal::c_api;

namespace {

fairlead::Tenant& target_of(fairlead_tenant* handle) {
    return c_api::needed(handle, "tenant is NULL").tenant;
}
fairlead::Transaction& target_of(fairlead_transaction* handle) {
    return c_api::needed(handle, "transaction is NULL").transaction;
}
fairlead::Session& target_of(fairlead_session* handle) {
    return c_api::needed(handle, "session is NULL").session;
}

template <typename Handle>
fairlead_result* execute_on(Handle* handle, const char* sql, const fairlead_value* values, size_t count,
                            fairlead_error** error) {
    return c_api::guarded_handle<fairlead_result>(error, [&] {
        const c_api::CallerStatement statement(sql, values, count);
        return fairlead_result{target_of(handle).execute(statement.view())};
    });
}

template <typename Handle>
fairlead_stream* stream_on(Handle* handle, const char* sql, const fairlead_value* values, size_t count,
                           fairlead_error** error) {
    return c_api::guarded_handle<fairlead_stream>(error, [&] {
        const c_api::CallerStatement statement(sql, values, count);
        return fairlead_stream{target_of(handle).stream(statement.view())};
    });
}

}  // namespace

fairlead_result* fairlead_execute(fairlead_tenant* tenant, const char* sql, const fairlead_value* values,
                                  size_t count, fairlead_error** error) {
    return execute_on(tenant, sql, values, count, error);
}

fairlead_result* fairlead_transaction_execute(fairlead_transaction* transaction, const char* sql,
                                              const fairlead_value* values, size_t count,
                                              fairlead_error** error) {
    return execute_on(transaction, sql, values, count, error);
}

fairlead_result* fairlead_session_execute(fairlead_session* session, const char* sql,
                                          const fairlead_value* values, size_t count,
                                          fairlead_error** error) {
    return execute_on(session, sql, values, count, error);
}

fairlead_stream* fairlead_open_stream(fairlead_tenant* tenant, const char* sql, const fairlead_value* values,
                                      size_t count, fairlead_error** error) {
    return stream_on(tenant, sql, values, count, error);
}

fairlead_stream* fairlead_transaction_open_stream(fairlead_transaction* transaction, const char* sql,
                                                  const fairlead_value* values, size_t count,
                                                  fairlead_error** error) {
    return stream_on(transaction, sql, values, count, error);
}

fairlead_stream* fairlead_session_open_stream(fairlead_session* session, const char* sql,
                                              const fairlead_value* values, size_t count,
                                              fairlead_error** error) {
    return stream_on(session, sql, values, count, error);
}
