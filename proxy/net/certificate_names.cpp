#include "proxy/net/certificate_names.h"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace fairlead::proxy::net {
namespace {

constexpr std::string_view tenant_unit = "fairlead_tenant=";

// nullopt: not readable as text. A NUL inside a name has fooled verifiers before: "acme\0.evil".
std::optional<std::string> text_at(X509_NAME* subject, int at) {
    ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    unsigned char* utf8 = nullptr;
    int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0) return std::nullopt;
    std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
    OPENSSL_free(utf8);
    if (text.find('\0') != std::string::npos) return std::nullopt;
    return text;
}

bool has_prefix_in_any_case(std::string_view text, std::string_view lower_prefix) {
    if (text.size() < lower_prefix.size()) return false;
    return std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char expected, char c) {
        return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    });
}

}  // namespace

std::string common_name(X509* certificate) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return at < 0 ? std::string() : text_at(subject, at).value_or(std::string());
}

std::vector<std::string> tenants_named(X509* certificate) {
    std::vector<std::string> named;
    X509_NAME* subject = X509_get_subject_name(certificate);
    int at = -1;
    while ((at = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, at)) >= 0) {
        std::optional<std::string> unit = text_at(subject, at);
        if (!unit) {
            named.emplace_back();
        } else if (has_prefix_in_any_case(*unit, tenant_unit)) {
            named.push_back(unit->substr(tenant_unit.size()));
        }
    }
    return named;
}

}  // namespace fairlead::proxy::net
