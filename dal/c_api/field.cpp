#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"

#include <algorithm>

namespace c_api = fairlead::dal::c_api;

namespace {

using fairlead::Field;

template <typename T>
fairlead_kind convert(const fairlead_field* field, T* out, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const auto& given = c_api::needed(field, "field is NULL");
        const Field value =
            given.data != nullptr ? Field(given.data, given.size, given.hexadecimal) : Field();
        T converted{};
        if (value.is_null() || !fairlead::Decoder<T>::decode(value, converted))
            fairlead::detail::fail_conversion("", value);
        c_api::needed(out, "out is NULL") = std::move(converted);
    });
}

}  // namespace

fairlead_kind fairlead_field_integer(const fairlead_field* field, int64_t* out, fairlead_error** error) {
    return convert(field, out, error);
}

fairlead_kind fairlead_field_unsigned(const fairlead_field* field, uint64_t* out, fairlead_error** error) {
    return convert(field, out, error);
}

fairlead_kind fairlead_field_real(const fairlead_field* field, double* out, fairlead_error** error) {
    return convert(field, out, error);
}

fairlead_kind fairlead_field_boolean(const fairlead_field* field, bool* out, fairlead_error** error) {
    return convert(field, out, error);
}

fairlead_kind fairlead_field_bytes(const fairlead_field* field, void* out, size_t capacity, size_t* size,
                                   fairlead_error** error) {
    fairlead::Bytes bytes;
    const fairlead_kind kind = convert(field, &bytes, error);
    if (kind != FAIRLEAD_OK) return kind;
    if (size != nullptr) *size = bytes.size();
    if (out != nullptr && bytes.size() <= capacity)
        std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(out));
    return FAIRLEAD_OK;
}
