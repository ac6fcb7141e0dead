#pragma once

#include "proxy/session/mysql/client_login.h"
#include "proxy/session/mysql/server_login.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/result_set.h"

#include <memory>
#include <string>
#include <vector>

/// What the tests of the MySQL logins share: users with every kind of secret, and both ends of a connection.
namespace fairlead::proxy::mysql::test {

// Password "pencil" in each form.
inline constexpr std::string_view scram_pencil =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
    "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";
inline constexpr std::string_view native_pencil = "*7614BE58636C810A9D8970A50B3B2A78450413E4";

inline config::User make_user(std::string name, std::string_view password, std::string certificate = {}) {
    config::User user;
    user.name = std::move(name);
    user.password = password;
    user.certificate_name = std::move(certificate);
    return user;
}

inline std::shared_ptr<const auth::credential_store> make_store() {
    std::vector<config::User> users = {
        make_user("plain", "pencil", "plain.example"), make_user("native", native_pencil),
        make_user("app", "pencil"), make_user("scram", scram_pencil), make_user("none", "", "none.example")};
    auto snapshot = std::make_shared<config::Snapshot>(config::Settings{}, std::vector<config::Tenant>{},
                                                       std::move(users), 1);
    return std::move(auth::credential_store::build(std::move(snapshot))).value();
}

/// One process: its users, its key, what it has learned.
struct process {
    std::shared_ptr<const auth::credential_store> store = make_store();
    auth::lazy_rsa_key rsa;
    auth::caching_sha2_cache cache;

    client_login_context context(config::TlsMode tls = config::TlsMode::disable) {
        client_login_context made;
        made.credentials = store;
        made.tls = tls;
        made.server_version = "10.11.14-MariaDB";
        made.rsa = &rsa;
        made.cache = &cache;
        return made;
    }
};

/// The payloads of whole packets.
inline std::vector<std::string> payloads(std::string_view bytes) {
    std::vector<std::string> all;
    Bytes input = as_bytes(bytes);
    while (auto packet = read_packet(input)) {
        all.emplace_back(as_text(packet->payload));
        input = input.subspan(packet->header.total());
    }
    return all;
}

/// The error that `bytes` end with; code 0: none.
inline err_packet last_error(const std::vector<std::string>& packets) {
    if (packets.empty()) return {0, {}, {}};
    auto err = parse_err(as_bytes(packets.back()));
    return err ? *err : err_packet{0, {}, {}};
}

/// A server's answer to the question what it is.
inline std::string identity_answer(std::string_view version = "10.11.14-MariaDB") {
    std::string out;
    std::uint8_t sequence = 1;
    std::vector<column_definition> columns(6);
    std::vector<text_row> rows = {
        {std::string(version), "Debian 12", "STRICT_TRANS_TABLES", "0", "16777216", "42"}};
    append_text_result(out, sequence, columns, rows, {}, server_login::required);
    return out;
}

}  // namespace fairlead::proxy::mysql::test
