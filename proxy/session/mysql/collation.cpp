#include "proxy/session/mysql/collation.h"

#include <algorithm>
#include <array>

namespace fairlead::proxy::mysql {
namespace {

struct entry {
    std::uint16_t number;
    std::string_view character_set;
    std::string_view collation;
};

// Those that MySQL and MariaDB both have under the same number, in its order.
constexpr std::array<entry, 64> known{{
    {5, "latin1", "latin1_german1_ci"},
    {8, "latin1", "latin1_swedish_ci"},
    {11, "ascii", "ascii_general_ci"},
    {15, "latin1", "latin1_danish_ci"},
    {31, "latin1", "latin1_german2_ci"},
    {33, "utf8mb3", "utf8mb3_general_ci"},
    {45, "utf8mb4", "utf8mb4_general_ci"},
    {46, "utf8mb4", "utf8mb4_bin"},
    {47, "latin1", "latin1_bin"},
    {48, "latin1", "latin1_general_ci"},
    {49, "latin1", "latin1_general_cs"},
    {63, "binary", "binary"},
    {65, "ascii", "ascii_bin"},
    {83, "utf8mb3", "utf8mb3_bin"},
    {94, "latin1", "latin1_spanish_ci"},
    {192, "utf8mb3", "utf8mb3_unicode_ci"},
    {193, "utf8mb3", "utf8mb3_icelandic_ci"},
    {194, "utf8mb3", "utf8mb3_latvian_ci"},
    {195, "utf8mb3", "utf8mb3_romanian_ci"},
    {196, "utf8mb3", "utf8mb3_slovenian_ci"},
    {197, "utf8mb3", "utf8mb3_polish_ci"},
    {198, "utf8mb3", "utf8mb3_estonian_ci"},
    {199, "utf8mb3", "utf8mb3_spanish_ci"},
    {200, "utf8mb3", "utf8mb3_swedish_ci"},
    {201, "utf8mb3", "utf8mb3_turkish_ci"},
    {202, "utf8mb3", "utf8mb3_czech_ci"},
    {203, "utf8mb3", "utf8mb3_danish_ci"},
    {204, "utf8mb3", "utf8mb3_lithuanian_ci"},
    {205, "utf8mb3", "utf8mb3_slovak_ci"},
    {206, "utf8mb3", "utf8mb3_spanish2_ci"},
    {207, "utf8mb3", "utf8mb3_roman_ci"},
    {208, "utf8mb3", "utf8mb3_persian_ci"},
    {209, "utf8mb3", "utf8mb3_esperanto_ci"},
    {210, "utf8mb3", "utf8mb3_hungarian_ci"},
    {211, "utf8mb3", "utf8mb3_sinhala_ci"},
    {212, "utf8mb3", "utf8mb3_german2_ci"},
    {213, "utf8mb3", "utf8mb3_croatian_mysql561_ci"},
    {214, "utf8mb3", "utf8mb3_unicode_520_ci"},
    {215, "utf8mb3", "utf8mb3_vietnamese_ci"},
    {223, "utf8mb3", "utf8mb3_general_mysql500_ci"},
    {224, "utf8mb4", "utf8mb4_unicode_ci"},
    {225, "utf8mb4", "utf8mb4_icelandic_ci"},
    {226, "utf8mb4", "utf8mb4_latvian_ci"},
    {227, "utf8mb4", "utf8mb4_romanian_ci"},
    {228, "utf8mb4", "utf8mb4_slovenian_ci"},
    {229, "utf8mb4", "utf8mb4_polish_ci"},
    {230, "utf8mb4", "utf8mb4_estonian_ci"},
    {231, "utf8mb4", "utf8mb4_spanish_ci"},
    {232, "utf8mb4", "utf8mb4_swedish_ci"},
    {233, "utf8mb4", "utf8mb4_turkish_ci"},
    {234, "utf8mb4", "utf8mb4_czech_ci"},
    {235, "utf8mb4", "utf8mb4_danish_ci"},
    {236, "utf8mb4", "utf8mb4_lithuanian_ci"},
    {237, "utf8mb4", "utf8mb4_slovak_ci"},
    {238, "utf8mb4", "utf8mb4_spanish2_ci"},
    {239, "utf8mb4", "utf8mb4_roman_ci"},
    {240, "utf8mb4", "utf8mb4_persian_ci"},
    {241, "utf8mb4", "utf8mb4_esperanto_ci"},
    {242, "utf8mb4", "utf8mb4_hungarian_ci"},
    {243, "utf8mb4", "utf8mb4_sinhala_ci"},
    {244, "utf8mb4", "utf8mb4_german2_ci"},
    {245, "utf8mb4", "utf8mb4_croatian_mysql561_ci"},
    {246, "utf8mb4", "utf8mb4_unicode_520_ci"},
    {247, "utf8mb4", "utf8mb4_vietnamese_ci"},
}};

}  // namespace

collation_name find_collation(std::uint16_t number) {
    auto at = std::lower_bound(known.begin(), known.end(), number,
                               [](const entry& e, std::uint16_t wanted) { return e.number < wanted; });
    if (at != known.end() && at->number == number) return {at->character_set, at->collation};
    if (number >= 255 && number <= 323) return {"utf8mb4", {}};  // MySQL 8: utf8mb4_0900_* and its kin
    return {};
}

}  // namespace fairlead::proxy::mysql
