#include "dal/c_api/values.h"

#include "dal/c_api/fields.h"
#include "fairlead/error.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>

namespace fairlead::dal::c_api {
namespace {

fairlead_value value(fairlead_type type, const char* name = nullptr) {
    fairlead_value made;
    std::memset(&made, 0, sizeof made);
    made.type = type;
    made.name = name;
    return made;
}

fairlead_value text(const char* data, std::size_t size, fairlead_type type = FAIRLEAD_TEXT) {
    fairlead_value made = value(type);
    made.data = data;
    made.size = size;
    return made;
}

Argument one(const fairlead_value& given) {
    return arguments_of(&given, 1).at(0);
}

TEST(c_api_values, every_type_arrives_as_itself) {
    EXPECT_TRUE(one(value(FAIRLEAD_NULL)).is_null());
    fairlead_value given = value(FAIRLEAD_BOOLEAN);
    given.boolean = true;
    EXPECT_EQ(one(given).kind(), Argument::Kind::boolean);
    EXPECT_EQ(one(given).unsigned_integer(), 1U);
    given = value(FAIRLEAD_INTEGER);
    given.integer = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(one(given).integer(), std::numeric_limits<std::int64_t>::min());
    given = value(FAIRLEAD_UNSIGNED);
    given.unsigned_integer = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(one(given).unsigned_integer(), std::numeric_limits<std::uint64_t>::max());
    given = value(FAIRLEAD_REAL);
    given.real = 0.5;
    EXPECT_EQ(one(given).real(), 0.5);
    EXPECT_EQ(one(text("ab\0c", 4)).text(), std::string_view("ab\0c", 4));
    EXPECT_EQ(one(text("ab", 2, FAIRLEAD_BYTES)).kind(), Argument::Kind::bytes);
}

TEST(c_api_values, an_empty_text_is_not_null) {
    const Argument empty = one(text(nullptr, 0));
    EXPECT_FALSE(empty.is_null());
    EXPECT_EQ(empty.text(), "");
    EXPECT_NE(empty.text().data(), nullptr);
}

TEST(c_api_values, names_go_along) {
    EXPECT_EQ(one(value(FAIRLEAD_NULL, "id")).name(), "id");
    EXPECT_EQ(one(value(FAIRLEAD_NULL)).name(), "");
}

TEST(c_api_values, what_has_no_meaning_is_refused) {
    EXPECT_THROW(one(value(static_cast<fairlead_type>(7))), UsageError);
    EXPECT_THROW(one(text(nullptr, 3)), UsageError);
    EXPECT_THROW(arguments_of(nullptr, 1), UsageError);
    EXPECT_THROW(CallerStatement(nullptr, nullptr, 0), UsageError);
    EXPECT_TRUE(arguments_of(nullptr, 0).empty());
}

fairlead_field field(std::string_view data, bool hexadecimal = false) {
    return field_of(Field(data.data(), data.size(), hexadecimal));
}

TEST(c_api_values, fields_are_read_as_numbers) {
    std::int64_t integer = 0;
    const fairlead_field minus = field("-42");
    EXPECT_EQ(fairlead_field_integer(&minus, &integer, nullptr), FAIRLEAD_OK);
    EXPECT_EQ(integer, -42);
    std::uint64_t natural = 7;
    EXPECT_EQ(fairlead_field_unsigned(&minus, &natural, nullptr), FAIRLEAD_CONVERSION);
    EXPECT_EQ(natural, 7U);  // as it was
    double real = 0;
    const fairlead_field half = field("0.5");
    EXPECT_EQ(fairlead_field_real(&half, &real, nullptr), FAIRLEAD_OK);
    EXPECT_EQ(real, 0.5);
    bool boolean = false;
    const fairlead_field yes = field("t");
    EXPECT_EQ(fairlead_field_boolean(&yes, &boolean, nullptr), FAIRLEAD_OK);
    EXPECT_TRUE(boolean);
    const fairlead_field null{nullptr, 0, false};
    EXPECT_EQ(fairlead_field_integer(&null, &integer, nullptr), FAIRLEAD_CONVERSION);
    EXPECT_EQ(fairlead_field_integer(&minus, nullptr, nullptr), FAIRLEAD_USAGE);
}

TEST(c_api_values, bytes_are_written_only_where_they_fit) {
    const fairlead_field bytes = field("\\x6162", true);
    std::array<char, 2> out{'-', '-'};
    std::size_t size = 0;
    EXPECT_EQ(fairlead_field_bytes(&bytes, out.data(), 1, &size, nullptr), FAIRLEAD_OK);
    EXPECT_EQ(size, 2U);
    EXPECT_EQ(out[0], '-');
    EXPECT_EQ(fairlead_field_bytes(&bytes, out.data(), out.size(), &size, nullptr), FAIRLEAD_OK);
    EXPECT_EQ(std::string_view(out.data(), out.size()), "ab");
}

}  // namespace
}  // namespace fairlead::dal::c_api
