#include "dal/c_api/values.h"

#include "dal/c_api/boundary.h"

namespace fairlead::dal::c_api {

namespace {

std::string_view content_of(const fairlead_value& value) {
    if (value.data == nullptr && value.size != 0) detail::fail_usage("a value has a size, but no data");
    // An empty text is not NULL: Argument tells them apart by its kind.
    return {value.data != nullptr ? static_cast<const char*>(value.data) : "", value.size};
}

Argument unnamed(const fairlead_value& value) {
    switch (value.type) {
        case FAIRLEAD_NULL:
            return nullptr;
        case FAIRLEAD_BOOLEAN:
            return value.boolean;
        case FAIRLEAD_INTEGER:
            return value.integer;
        case FAIRLEAD_UNSIGNED:
            return value.unsigned_integer;
        case FAIRLEAD_REAL:
            return value.real;
        case FAIRLEAD_TEXT:
            return content_of(value);
        case FAIRLEAD_BYTES:
            return std::as_bytes(std::span(content_of(value)));
    }
    detail::fail_usage("a value has a type that does not exist");
}

}  // namespace

std::vector<Argument> arguments_of(const fairlead_value* values, std::size_t count) {
    std::vector<Argument> arguments;
    if (count == 0) return arguments;
    needed(values, "values is NULL, and count is not 0");
    arguments.reserve(count);
    for (const fairlead_value& value : std::span(values, count))
        arguments.push_back(value.name != nullptr ? named(value.name, unnamed(value)) : unnamed(value));
    return arguments;
}

CallerStatement::CallerStatement(const char* sql, const fairlead_value* values, std::size_t count)
    : sql_(needed_text(sql, "sql is NULL")), arguments_(arguments_of(values, count)) {}

}  // namespace fairlead::dal::c_api
