#include "proxy/session/mysql/error_words.h"

#include <algorithm>
#include <array>

namespace fairlead::proxy::mysql {
namespace {

struct translation {
    std::string_view sqlstate;  // PostgreSQL's
    error_number number;
};
constexpr std::array translations{
    translation{"08P01", errors::malformed_packet},
    translation{"28000", errors::access_denied},
    translation{"28P01", errors::access_denied},
    translation{"3D000", errors::unknown_database},
    translation{"42501", errors::not_supported_yet},
    translation{"53300", errors::too_many_connections},
    translation{"57014", error_number{1317, "70100"}},
    translation{"57P01", errors::server_shutdown},
    translation{"57P03", errors::server_shutdown},
    translation{"42000", errors::unknown_database},
    // Drivers take 08S01 for a connection that is gone and open another.
    translation{"08001", error_number{1158, "08S01"}},
    translation{"08006", error_number{1158, "08S01"}},
};

// Messages made of names, numbers of rows, limits and the statement's own text. Sorted.
constexpr auto without_values = std::to_array<std::uint16_t>(
    {1030, 1040, 1041, 1042, 1043, 1044, 1045, 1046, 1047, 1048, 1049, 1051, 1052, 1053, 1054, 1055,
     1056, 1058, 1060, 1061, 1063, 1064, 1065, 1066, 1068, 1069, 1072, 1093, 1094, 1095, 1096, 1099,
     1100, 1104, 1109, 1110, 1111, 1115, 1118, 1120, 1132, 1136, 1137, 1138, 1139, 1140, 1141, 1142,
     1143, 1144, 1145, 1146, 1147, 1148, 1149, 1153, 1156, 1157, 1158, 1159, 1160, 1161, 1164, 1166,
     1172, 1175, 1176, 1180, 1181, 1191, 1192, 1193, 1194, 1195, 1203, 1205, 1206, 1207, 1210, 1213,
     1216, 1217, 1221, 1222, 1226, 1227, 1228, 1229, 1230, 1232, 1233, 1234, 1235, 1237, 1238, 1239,
     1241, 1242, 1243, 1247, 1248, 1249, 1250, 1263, 1264, 1265, 1267, 1270, 1271, 1273, 1286, 1287,
     1290, 1295, 1305, 1317, 1329, 1336, 1353, 1364, 1365, 1370, 1390, 1406, 1415, 1421, 1441, 1451,
     1452, 1461, 1467, 1568, 1582, 1583, 1615, 1616, 1747, 1748, 1792, 1835, 1927, 1969, 3024, 4025});
static_assert(std::is_sorted(without_values.begin(), without_values.end()));

bool carries_none(std::uint16_t code) {
    return std::binary_search(without_values.begin(), without_values.end(), code);
}

// What stands behind the value: names only. The last place counts, since the value may hold the same words.
std::string_view from_last(std::string_view message, std::string_view words) {
    std::size_t at = message.rfind(words);
    return at != std::string_view::npos ? message.substr(at) : std::string_view();
}

}  // namespace

std::string refusal_text(const policy::Refusal& refusal) {
    std::string text = "fairlead: " + refusal.message;
    if (!refusal.hint.empty()) text.append(" (").append(refusal.hint).append(")");
    return text.append(" [rule ").append(refusal.rule).append("]");
}

error_number number_of(const policy::Refusal& refusal) {
    bool unread = refusal.rule == "syntax-error" || refusal.rule == "several-statements";
    return unread ? errors::parse_error : errors::not_supported_yet;
}

error_number number_of(const client_error& error) {
    auto found = std::find_if(translations.begin(), translations.end(),
                              [&](const translation& t) { return t.sqlstate == error.sqlstate; });
    return found != translations.end() ? found->number : errors::unknown_error;
}

std::string text_of(const client_error& error) {
    std::string text = "fairlead: ";
    text.append(error.message);
    if (!error.hint.empty()) text.append(" (").append(error.hint).append(")");
    return text;
}

std::string masked_message(std::uint16_t code, std::string_view message) {
    if (carries_none(code)) return std::string(message);
    constexpr std::uint16_t duplicate_entry = 1062, wrong_value = 1292, wrong_value_for_type = 1411,
                            wrong_value_for_field = 1366;
    if (code == duplicate_entry) return "Duplicate entry" + std::string(from_last(message, " for key "));
    if (code == wrong_value || code == wrong_value_for_type || code == wrong_value_for_field) {
        return "Incorrect value" + std::string(from_last(message, " for column "));
    }
    return "fairlead: error " + std::to_string(code) +
           " of the server; its text may carry values of other tenants and is not shown";
}

}  // namespace fairlead::proxy::mysql
