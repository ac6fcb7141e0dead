#include "dal/driver/postgres/connect_start.h"

#include <libpq-fe.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::dal::postgres {
namespace {

std::string_view ssl_mode(config::TlsMode mode) {
    switch (mode) {
        case config::TlsMode::disable:
            return "disable";
        case config::TlsMode::allow:
            return "allow";
        case config::TlsMode::prefer:
            return "prefer";
        case config::TlsMode::require:
            return "require";
        case config::TlsMode::verify_ca:
            return "verify-ca";
        case config::TlsMode::verify_full:
            return "verify-full";
    }
    return "verify-full";
}

/// Keywords and values for PQconnectStartParams. Empty values are left out, as libpq would do.
struct Keywords {
    std::vector<std::pair<const char*, std::string>> set;

    void add(const char* keyword, std::string value) {
        if (!value.empty()) set.emplace_back(keyword, std::move(value));
    }
};

Keywords keywords(const ConnectOptions& options, const std::string& host_name) {
    Keywords out;
    if (host_name.empty() || options.host.starts_with('/')) {
        out.add("host", options.host);
    } else {
        out.add("host", host_name);
        out.add("hostaddr", options.host);
    }
    out.add("port", std::to_string(options.port));
    out.add("user", options.user);
    out.add("password", options.password);
    out.add("dbname", options.database);
    out.add("application_name", options.application_name);
    out.add("client_encoding", "UTF8");
    out.add("gssencmode", "disable");
    out.add("target_session_attrs", "any");
    out.add("sslmode", std::string(ssl_mode(options.tls.mode)));
    out.add("sslrootcert", options.tls.ca);
    out.add("sslcert", options.tls.cert);
    out.add("sslkey", options.tls.key);
    return out;
}

}  // namespace

ConnectionHandle start_connecting(const ConnectOptions& options, const std::string& host_name) {
    const Keywords words = keywords(options, host_name);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : words.set) {
        names.push_back(name);
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    return ConnectionHandle(PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/0));
}

std::string one_line(const char* text) {
    std::string out = text == nullptr ? "" : text;
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

}  // namespace fairlead::dal::postgres
