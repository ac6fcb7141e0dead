#include "proxy/wire/postgres/startup.h"

#include "proxy/wire/postgres/startup_options.h"

#include <algorithm>
#include <array>

namespace fairlead::proxy::postgres {
namespace {

constexpr std::uint32_t cancel_code = 80877102;
constexpr std::uint32_t ssl_code = 80877103;
constexpr std::uint32_t gssenc_code = 80877104;
constexpr std::size_t min_cancel_key = 4;
constexpr std::size_t max_cancel_key = 256;
constexpr std::string_view tenant_setting = "fairlead.tenant";

startup_kind kind_of(std::uint32_t code) {
    switch (code) {
        case cancel_code:
            return startup_kind::cancel_request;
        case ssl_code:
            return startup_kind::ssl_request;
        case gssenc_code:
            return startup_kind::gssenc_request;
        default:
            return startup_kind::startup;
    }
}

bool size_fits(startup_kind kind, std::size_t body) {
    switch (kind) {
        case startup_kind::ssl_request:
        case startup_kind::gssenc_request:
            return body == 0;
        case startup_kind::cancel_request:
            return body >= sizeof(std::uint32_t) + min_cancel_key &&
                   body <= sizeof(std::uint32_t) + max_cancel_key;
        case startup_kind::startup:
            return true;
    }
    return false;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

/// Identifiers joined by dots, in lower case. The name is put into SET statements later: nothing else may
/// pass.
bool is_setting_name(std::string_view name) {
    bool at_start = true;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        bool inner = letter || (c >= '0' && c <= '9') || c == '$';
        if (c == '.' ? at_start : at_start ? !letter : !inner) return false;
        at_start = c == '.';
    }
    return !at_start;
}

bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 4> reserved = {"user", "database", "options", "replication"};
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

startup_error bad_layout() {
    return {"08P01", "invalid startup packet layout: expected terminator as last byte", {}};
}

/// As the server reads it: "database", or any spelling of a boolean.
std::optional<replication_mode> parse_replication(std::string_view value) {
    std::string lower = lower_case(value);
    if (lower == "database") return replication_mode::logical;
    auto any_of = [&](std::initializer_list<std::string_view> words) {
        return !lower.empty() && lower != "o" &&
               std::any_of(words.begin(), words.end(),
                           [&](std::string_view word) { return word.starts_with(lower); });
    };
    if (any_of({"true", "yes", "on", "1"})) return replication_mode::physical;
    if (any_of({"false", "no", "off", "0"})) return replication_mode::none;
    return std::nullopt;
}

/// Collects the pairs of one StartupMessage.
class startup_collector {
public:
    /// nullopt: go on.
    std::optional<startup_error> add(std::string_view name, std::string_view value) {
        if (name == "user") return set_once(parameters_.user, has_user_, name, value);
        if (name == "database") return set_once(parameters_.database, has_database_, name, value);
        if (name == "options") return set_once(options_, has_options_, name, value);
        if (name == "replication") return set_replication(value);
        if (name.starts_with("_pq_.")) {
            parameters_.protocol_options.emplace_back(name);
            return std::nullopt;
        }
        others_.emplace_back(name, value);
        return std::nullopt;
    }

    Result<startup_parameters, startup_error> finish() {
        if (parameters_.user.empty())
            return startup_error{"28000", "no PostgreSQL user name specified in startup packet", {}};
        if (parameters_.database.empty()) parameters_.database = parameters_.user;
        pairs from_options;
        if (auto error = parse_startup_options(options_, from_options)) return *error;
        parameters_.settings.reserve(from_options.size() + others_.size());
        for (pairs* source : {&from_options, &others_})
            for (auto& [name, value] : *source)
                if (auto error = add_setting(name, std::move(value))) return *error;
        return std::move(parameters_);
    }

private:
    using pairs = std::vector<std::pair<std::string, std::string>>;

    /// Twice would mean one thing to us and, last wins or first wins, another to whoever stands before or
    /// behind us.
    std::optional<startup_error> set_once(std::string& target, bool& seen, std::string_view name,
                                          std::string_view value) {
        if (seen)
            return startup_error{
                "08P01", "startup parameter \"" + std::string(name) + "\" is given twice", {}};
        seen = true;
        target = value;
        return std::nullopt;
    }

    std::optional<startup_error> set_replication(std::string_view value) {
        std::optional<replication_mode> mode = parse_replication(value);
        if (!mode)
            return startup_error{
                "22023", "invalid value for parameter \"replication\": \"" + std::string(value) + "\"",
                "Valid values are: \"false\", 0, \"true\", 1, \"database\"."};
        std::string ignored;
        parameters_.replication = *mode;
        return set_once(ignored, has_replication_, "replication", value);
    }

    std::optional<startup_error> add_setting(std::string_view name, std::string value) {
        std::string lower = lower_case(name);
        if (!is_setting_name(lower) || is_reserved(lower))
            return startup_error{
                "42704", "unrecognized configuration parameter \"" + std::string(name) + "\"", {}};
        if (lower != tenant_setting) {
            parameters_.settings.emplace_back(std::move(lower), std::move(value));
            return std::nullopt;
        }
        if (value.empty())
            return startup_error{"22023", "fairlead.tenant is empty",
                                 "Give it the id of a tenant, or leave it out."};
        if (parameters_.tenant && *parameters_.tenant != value)
            return startup_error{"28000", "fairlead.tenant is given twice with different values", {}};
        parameters_.tenant = std::move(value);
        return std::nullopt;
    }

    startup_parameters parameters_;
    std::string options_;
    pairs others_;
    bool has_user_ = false;
    bool has_database_ = false;
    bool has_options_ = false;
    bool has_replication_ = false;
};

}  // namespace

Decode read_startup_packet(Bytes input, startup_packet& packet) {
    constexpr std::size_t word = sizeof(std::uint32_t);
    if (input.size() < word) return Decode::need_more;
    auto length = load_big_endian<std::uint32_t>(input.data());
    if (length < 2 * word || length > max_startup_length) return Decode::malformed;
    if (input.size() < length) return Decode::need_more;
    packet.protocol = load_big_endian<std::uint32_t>(input.data() + word);
    packet.kind = kind_of(packet.protocol);
    packet.body = input.subspan(2 * word, length - 2 * word);
    packet.total = length;
    return size_fits(packet.kind, packet.body.size()) ? Decode::ok : Decode::malformed;
}

const std::string* startup_parameters::setting(std::string_view name) const {
    auto found = std::find_if(settings.rbegin(), settings.rend(),
                              [&](const auto& pair) { return pair.first == name; });
    return found == settings.rend() ? nullptr : &found->second;
}

Result<startup_parameters, startup_error> parse_startup_parameters(Bytes body) {
    ByteReader reader(body);
    startup_collector collector;
    for (;;) {
        std::optional<std::string_view> name = reader.cstring();
        if (!name) return bad_layout();
        if (name->empty()) break;
        std::optional<std::string_view> value = reader.cstring();
        if (!value) return bad_layout();
        if (auto error = collector.add(*name, *value)) return *error;
    }
    if (!reader.at_end()) return bad_layout();
    return collector.finish();
}

}  // namespace fairlead::proxy::postgres
