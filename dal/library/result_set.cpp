#include "fairlead/result_set.h"

#include "fairlead/bulk_load.h"
#include "fairlead/row_stream.h"
#include "fairlead/trace.h"

#include <string>
#include <utility>

namespace fairlead {

Tracer::~Tracer() = default;

namespace {

[[noreturn]] void fail(errc kind, std::string message, std::string hint = {}) {
    Diagnostics failed;
    failed.set(kind);
    failed.message = std::move(message);
    failed.hint = std::move(hint);
    throw_error(std::move(failed));
}

// Of a hexadecimal digit; -1: it is none.
int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

namespace detail {

result_data::~result_data() = default;
stream_source::~stream_source() = default;
bulk_sink::~bulk_sink() = default;

void fail_columns(std::size_t expected, std::size_t found) {
    fail(errc::usage, "the result has " + std::to_string(found) + " columns, " + std::to_string(expected) +
                          (expected == 1 ? " was" : " were") + " asked for");
}

// Without the value: it may be secret, and messages go to logs.
void fail_conversion(std::string_view column, const Field& field) {
    const std::string name = "column \"" + std::string(column) + "\"";
    if (field.is_null()) fail(errc::conversion, name + " is NULL", "Ask for a std::optional.");
    fail(errc::conversion, name + " cannot be read as the type that was asked for");
}

void fail_usage(std::string_view message) {
    fail(errc::usage, std::string(message));
}

}  // namespace detail

std::size_t Row::index_of(std::string_view column) const {
    for (std::size_t i = 0; i < data_->columns(); ++i) {
        if (data_->column_name(i) == column) return i;
    }
    fail(errc::usage, "the result has no column \"" + std::string(column) + "\"");
}

bool Decoder<Bytes>::decode(const Field& field, Bytes& out) {
    std::string_view text = field.text();
    if (!field.is_hexadecimal()) {
        out.assign(reinterpret_cast<const std::byte*>(text.data()), text.size());
        return true;
    }
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
    text.remove_prefix(2);
    out.clear();
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return false;
        out.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return true;
}

}  // namespace fairlead
