#pragma once

#include "fairlead.h"
#include "fairlead/value.h"

#include <cstddef>
#include <string_view>

namespace fairlead::dal::c_api {

/// The same view as the C interface has it.
inline fairlead_field field_of(const Field& field) {
    return {.data = field.is_null() ? nullptr : field.text().data(),
            .size = field.text().size(),
            .hexadecimal = field.is_hexadecimal()};
}

/// `text` as pointer and size; `size` may be NULL.
inline const char* text_of(std::string_view text, std::size_t* size) {
    if (size != nullptr) *size = text.size();
    return text.data();
}

}  // namespace fairlead::dal::c_api
