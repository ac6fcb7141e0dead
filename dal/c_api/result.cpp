#include "dal/c_api/boundary.h"
#include "dal/c_api/fields.h"
#include "dal/c_api/handles.h"

namespace c_api = fairlead::dal::c_api;

size_t fairlead_result_rows(const fairlead_result* result) {
    return result != nullptr ? result->result.size() : 0;
}

size_t fairlead_result_columns(const fairlead_result* result) {
    return result != nullptr ? result->result.columns() : 0;
}

const char* fairlead_result_column_name(const fairlead_result* result, size_t column, size_t* size) {
    if (column >= fairlead_result_columns(result)) return nullptr;
    return c_api::text_of(result->result.column_name(column), size);
}

uint64_t fairlead_result_affected(const fairlead_result* result) {
    return result != nullptr ? result->result.affected() : 0;
}

uint64_t fairlead_result_insert_id(const fairlead_result* result) {
    return result != nullptr ? result->result.insert_id() : 0;
}

fairlead_kind fairlead_result_field(const fairlead_result* result, size_t row, size_t column,
                                    fairlead_field* field, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const auto& rows = c_api::needed(result, "fairlead_result_field: result is NULL").result;
        c_api::needed(field, "fairlead_result_field: field is NULL") = c_api::field_of(rows[row][column]);
    });
}

void fairlead_result_free(fairlead_result* result) {
    delete result;
}
