#include "dal/c_api/boundary.h"
#include "dal/c_api/fields.h"
#include "dal/c_api/handles.h"

namespace c_api = fairlead::dal::c_api;

int fairlead_stream_next(fairlead_stream* stream, fairlead_error** error) {
    const fairlead_kind kind = c_api::guarded(error, [&] {
        auto& open = c_api::needed(stream, "fairlead_stream_next: stream is NULL");
        open.has_row = false;  // also when next() throws: the last row is gone then
        open.has_row = open.stream.next();
    });
    if (kind != FAIRLEAD_OK) return -1;
    return stream->has_row ? 1 : 0;
}

size_t fairlead_stream_columns(const fairlead_stream* stream) {
    return stream != nullptr && stream->has_row ? stream->stream.row().size() : 0;
}

const char* fairlead_stream_column_name(const fairlead_stream* stream, size_t column, size_t* size) {
    if (column >= fairlead_stream_columns(stream)) return nullptr;
    return c_api::text_of(stream->stream.row().column_name(column), size);
}

fairlead_kind fairlead_stream_field(const fairlead_stream* stream, size_t column, fairlead_field* field,
                                    fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const auto& open = c_api::needed(stream, "fairlead_stream_field: stream is NULL");
        if (!open.has_row) fairlead::detail::fail_usage("fairlead_stream_field: there is no row");
        c_api::needed(field, "fairlead_stream_field: field is NULL") =
            c_api::field_of(open.stream.row()[column]);
    });
}

void fairlead_stream_free(fairlead_stream* stream) {
    delete stream;
}
