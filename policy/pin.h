#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::policy {

/// State that cannot be moved to another server connection.
enum class Pin : std::uint8_t {
    none,
    listen,
    temporary_object,
    advisory_lock,
    holdable_cursor,
    setting,   // a setting that cannot be restored (changed inside a function, unknown name)
    unparsed,  // passed without being understood (silo only)
    replication,
    session_pooling,
    // MySQL
    user_variable,  // assigned where its value is not known: SELECT @a := ..., INTO @a
    table_lock,     // LOCK TABLES, FLUSH TABLES WITH READ LOCK
    text_prepare,   // PREPARE ... FROM, until DEALLOCATE
    handler,        // HANDLER ... OPEN
    cursor,         // a binary prepared statement's rows are fetched bit by bit
    long_data,      // COM_STMT_SEND_LONG_DATA was sent
    diagnostics,    // warnings that the next statement may ask for
    found_rows,     // SQL_CALC_FOUND_ROWS
    xa,
    count_,
};
std::string_view to_string(Pin pin);

/// A set of kinds of cause. Pin::none is the empty set.
class PinSet {
public:
    constexpr PinSet() = default;
    constexpr PinSet(Pin one) : bits_(one == Pin::none ? 0 : 1U << static_cast<unsigned>(one)) {}

    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool has(Pin one) const { return (bits_ & PinSet(one).bits_) != 0; }
    /// In the order of the enumeration; Pin::none when it is empty.
    Pin first() const;

    constexpr PinSet& operator|=(PinSet other) { return *this = *this | other; }
    constexpr PinSet& operator-=(PinSet other) { return *this = *this - other; }
    friend constexpr PinSet operator|(PinSet a, PinSet b) { return of(a.bits_ | b.bits_); }
    friend constexpr PinSet operator&(PinSet a, PinSet b) { return of(a.bits_ & b.bits_); }
    friend constexpr PinSet operator-(PinSet a, PinSet b) { return of(a.bits_ & ~b.bits_); }
    friend constexpr bool operator==(PinSet, PinSet) = default;

private:
    static constexpr PinSet of(std::uint32_t bits) {
        PinSet made;
        made.bits_ = bits;
        return made;
    }

    std::uint32_t bits_ = 0;
};
static_assert(static_cast<unsigned>(Pin::count_) <= 32);

}  // namespace fairlead::policy
