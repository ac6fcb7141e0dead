#include "config/address.h"

#include <charconv>

namespace fairlead::config {

namespace {

constexpr std::string_view unix_prefix = "unix:";

Error expected_address(std::string_view what_is_wrong) {
    return {"not an address: " + std::string(what_is_wrong) +
                "; expected \"host:port\", \"[::1]:port\" or \"unix:/path\"",
            ""};
}

Result<Address> parse_unix(std::string_view path) {
    if (!path.starts_with('/')) return expected_address("the path of a unix socket must be absolute");
    if (path.size() > longest_unix_path)
        return Error{"the unix socket path is " + std::to_string(path.size()) + " bytes long, at most " +
                         std::to_string(longest_unix_path) + " fit into a socket address",
                     ""};
    return Address{"", 0, std::string(path)};
}

Result<std::uint16_t> parse_port(std::string_view text) {
    unsigned port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
        return expected_address("the port is not a number");
    if (error != std::errc() || port < 1 || port > 65'535)
        return Error{"the port must be 1 to 65535, found " + std::string(text.substr(0, 20)), ""};
    return static_cast<std::uint16_t>(port);
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    if (text.starts_with(unix_prefix)) return parse_unix(text.substr(unix_prefix.size()));
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return expected_address("there is no port");
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[')) {
        if (!host.ends_with(']')) return expected_address("there is no port after \"]\"");
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return expected_address("an IPv6 address needs brackets");
    }
    if (host.empty()) return expected_address("there is no host (\"*\" stands for every interface)");
    if (host.find_first_of(" \t/[]") != std::string_view::npos)
        return expected_address("the host has a character that no host name has");
    auto port = parse_port(text.substr(colon + 1));
    if (!port) return port.error();
    return Address{std::string(host), *port, ""};
}

}  // namespace fairlead::config
