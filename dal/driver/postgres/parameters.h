#pragma once

#include "fairlead/error.h"
#include "fairlead/value.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal::postgres {

/// The values of one statement as libpq takes them: text, except bytes, which go in binary form and declared
/// bytea, since as text they would be read by the rules of whatever type the server infers. Everything else
/// is left to the server to infer. Reused from statement to statement; not thread-safe.
class Parameters {
public:
    /// Views into `arguments` are kept until the next call.
    void set(std::span<const Argument> arguments);
    /// All text.
    void set(std::span<const std::string_view> texts);

    int count() const { return static_cast<int>(values_.size()); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }
    /// Null: the server infers them all.
    const unsigned* types() const { return types_.empty() ? nullptr : types_.data(); }

private:
    void prepare(std::size_t count, std::size_t text_size);
    void add(const Argument& argument);
    void add_text(std::string_view text);
    void add_bytes(std::string_view bytes);
    template <typename Number>
    void add_number(Number number);
    void add_value(const char* value, int length);

    std::string text_;  // values with their zeros; never grows while values are added, they point into it
    char* at_ = nullptr;
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<unsigned> types_;  // empty: no bytes
};

/// Which of the values are bytes, appended to `key`: statements with the same text and the same key may share
/// what is prepared. Nothing: none.
void append_types_key(std::span<const Argument> arguments, std::string& key);

/// False, with the reason in `failed`: libpq would cut it off, or refuse it half-way through a pipeline (more
/// than 65,535 values, a zero in a text).
bool is_sendable(std::string_view sql, std::span<const Argument> arguments, Diagnostics& failed);

}  // namespace fairlead::dal::postgres
