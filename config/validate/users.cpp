#include "config/password_format.h"
#include "config/validate/entry_report.h"

#include <unordered_map>

namespace fairlead::config::rules {

namespace {

class UserRules {
public:
    UserRules(const Draft& draft, Report& report) : draft_(draft), report_(report) {
        tenants_.reserve(draft.tenants.size());
        for (std::size_t i = 0; i < draft.tenants.size(); ++i) tenants_.emplace(draft.tenants[i].id, i);
        users_.reserve(draft.users.size());
        for (std::size_t i = 0; i < draft.users.size(); ++i) users_.emplace(draft.users[i].name, i);
    }

    void check(std::size_t i) {
        const User& user = draft_.users[i];
        EntryReport at{report_, "users", draft_.user_sources[i]};
        if (!at.source.name.given())
            at.mistake({}, "name", "is required");
        else if (!user.name.empty())
            check_name(at, user, i);
        check_credential(at, user);
        check_tenants_of(at, user);
    }

private:
    void check_name(const EntryReport& at, const User& user, std::size_t i) {
        std::size_t first = users_.at(user.name);
        if (first != i) {
            const EntrySource& other = draft_.user_sources[first];
            at.mistake(at.source.name, "name",
                       shown(at.source.name, user.name) + " is given twice, first on line " +
                           std::to_string(other.name.line) +
                           (other.block.file != at.source.block.file ? " of the main file" : ""));
        }
        check_suffix(at, user);
    }

    /// "app.acme" is how user app names tenant acme, so no user may be called that.
    void check_suffix(const EntryReport& at, const User& user) {
        auto dot = user.name.rfind('.');
        if (dot == std::string::npos) return;
        std::string_view prefix = std::string_view(user.name).substr(0, dot);
        std::string_view suffix = std::string_view(user.name).substr(dot + 1);
        if (users_.find(prefix) != users_.end() && tenants_.find(suffix) != tenants_.end())
            at.mistake(at.source.name, "name",
                       shown(at.source.name, user.name) + " also means user " +
                           shown(at.source.name, prefix) + " naming tenant " + shown(at.source.name, suffix) +
                           "; choose another name");
    }

    void check_credential(const EntryReport& at, const User& user) {
        if (user.password.empty()) {
            if (user.certificate_name.empty() && !at.source.password.given())
                at.mistake({}, "password",
                           "is required: without password or certificate_name nobody can log in");
            else if (at.source.password.given())
                check_empty_password(at);
            return;
        }
        if (auto wrong = password_format_mistake(user.password); !wrong.empty())
            at.mistake(at.source.password, "password", std::string(wrong));
    }

    /// The password was given and is empty: either the value itself, or what the reader refused and reported
    /// already.
    void check_empty_password(const EntryReport& at) {
        std::string key = key_of(at.list, at.source.index, "password");
        if (!report_.reported(key)) at.mistake(at.source.password, "password", "must not be empty");
    }

    void check_tenants_of(const EntryReport& at, const User& user) {
        if (!at.source.links.given())
            return at.mistake(
                {}, "tenants",
                "is required: the user is bound to no tenant; name its tenants, or \"*\" for a trusted "
                "application server that names one with each connection");
        if (!draft_.tenants_complete) return;
        for (const std::string& id : user.tenants) {
            if (tenants_.find(id) != tenants_.end()) continue;
            at.mistake(
                at.source.links, "tenants",
                "there is no tenant " + shown(at.source.links, id) +
                    suggestions_.text(at.source.links, id, draft_.tenants,
                                      [](const Tenant& tenant) -> std::string_view { return tenant.id; }));
        }
    }

    const Draft& draft_;
    Report& report_;
    std::unordered_map<std::string_view, std::size_t> tenants_;
    std::unordered_map<std::string_view, std::size_t> users_;
    Suggestions suggestions_;
};

}  // namespace

void check_users(const Draft& draft, Report& report) {
    UserRules rules(draft, report);
    for (std::size_t i = 0; i < draft.users.size(); ++i) rules.check(i);
}

}  // namespace fairlead::config::rules
