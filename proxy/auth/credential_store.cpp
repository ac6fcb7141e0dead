#include "proxy/auth/credential_store.h"

#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/md5_secret.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>

namespace fairlead::proxy::auth {
namespace {

constexpr std::size_t mock_secret_size = 32;
constexpr std::size_t few_passwords = 4;  // below this a thread costs more than it saves

/// A plain password waiting to become the verifier at `slot`.
struct pending_password {
    const std::string* password;
    std::size_t slot;
};

bool derive_one(const pending_password& pending, random_source random, std::vector<scram_verifier>& derived) {
    std::array<std::uint8_t, scram_default_salt_size> salt;
    if (!random(salt)) return false;
    auto verifier =
        derive_scram_verifier(*pending.password, fairlead::as_text(Bytes(salt)), scram_default_iterations);
    if (!verifier) return false;
    derived[pending.slot] = std::move(*verifier);
    return true;
}

bool derive_all(const std::vector<pending_password>& pending, random_source random, unsigned threads,
                std::vector<scram_verifier>& derived) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> ok{true};
    auto work = [&] {
        for (std::size_t i; ok && (i = next++) < pending.size();)
            if (!derive_one(pending[i], random, derived)) ok = false;
    };
    if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
    if (pending.size() < few_passwords) threads = 1;
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
    helpers.clear();  // joins
    return ok;
}

template <typename Key>
Key most_frequent(const std::map<Key, std::size_t>& counts, Key otherwise) {
    auto most = std::max_element(counts.begin(), counts.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? otherwise : most->first;
}

}  // namespace

Result<std::shared_ptr<const credential_store>> credential_store::build(
    config::SnapshotPtr snapshot, const std::shared_ptr<const credential_store>& previous,
    random_source random, unsigned threads) {
    std::shared_ptr<credential_store> store(new credential_store);
    store->snapshot_ = std::move(snapshot);
    if (previous) {
        store->mock_secret_ =
            previous->mock_secret_;  // a stranger's salt must survive a reload, as a user's does
    } else {
        std::array<std::uint8_t, mock_secret_size> secret;
        if (!random(secret)) return Error{"no random bytes for the login secrets", {}};
        store->mock_secret_ = fairlead::as_text(Bytes(secret));
    }
    store->classify();
    if (!store->derive(previous.get(), random, threads))
        return Error{"password verifiers could not be derived: the crypto library failed", {}};
    return std::shared_ptr<const credential_store>(std::move(store));
}

void credential_store::classify() {
    std::map<secret_kind, std::size_t> kinds;
    std::map<std::pair<std::uint32_t, std::size_t>, std::size_t> shapes;  // iterations and salt size
    std::map<bool, std::size_t> can_native, can_caching_sha2;
    entries_.reserve(snapshot_->users().size());
    for (const config::User& user : snapshot_->users()) {
        user_entry entry;
        if (user.password.empty()) {
            entry.form = secret_form::none;
        } else if (is_md5_secret(user.password)) {
            entry.form = secret_form::md5;
            ++kinds[secret_kind::md5];
        } else if (parse_native_hash(user.password)) {
            entry.form = secret_form::native;
            ++kinds[secret_kind::native];
        } else if (!looks_like_scram_verifier(user.password)) {
            entry.form = secret_form::plain;
            ++kinds[secret_kind::scram];
            ++shapes[{scram_default_iterations, scram_default_salt_size}];
        } else if (auto verifier = parse_scram_verifier(user.password)) {
            // Parsed again at each login: cheaper than 100,000 of them in memory.
            entry.form = secret_form::scram;
            ++kinds[secret_kind::scram];
            ++shapes[{verifier->iterations, verifier->salt.size()}];
        } else {
            entry.form = secret_form::malformed;
            malformed_.push_back(user.name);
        }
        if (entry.form != secret_form::none && entry.form != secret_form::malformed) {
            ++can_native[entry.form == secret_form::plain || entry.form == secret_form::native];
            ++can_caching_sha2[entry.form == secret_form::plain];
        }
        longest_name_ = std::max(longest_name_, user.name.size());
        entries_.push_back(entry);
    }
    mock_kind_ = most_frequent(kinds, secret_kind::scram);
    mock_native_ = most_frequent(can_native, true);
    mock_caching_sha2_ = most_frequent(can_caching_sha2, true);
    std::tie(mock_iterations_, mock_salt_size_) =
        most_frequent(shapes, {scram_default_iterations, scram_default_salt_size});
}

bool credential_store::derive(const credential_store* previous, random_source random, unsigned threads) {
    std::vector<pending_password> pending;
    const std::vector<config::User>& users = snapshot_->users();
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (entries_[i].form != secret_form::plain) continue;
        entries_[i].derived = static_cast<std::uint32_t>(derived_.size());
        const scram_verifier* known = previous == nullptr ? nullptr : previous->derived_for(users[i]);
        if (known == nullptr) pending.push_back({&users[i].password, derived_.size()});
        derived_.push_back(known == nullptr ? scram_verifier{} : *known);
    }
    return derive_all(pending, random, threads, derived_);
}

const scram_verifier* credential_store::derived_for(const config::User& user) const {
    const config::User* mine = snapshot_->user(user.name);
    if (mine == nullptr || mine->password != user.password) return nullptr;
    const user_entry& entry = entry_of(*mine);
    return entry.form == secret_form::plain ? &derived_[entry.derived] : nullptr;
}

credential credential_store::find(std::string_view name) const {
    credential found;
    // The stand-in first, for everyone: a stranger's login must not be the one that takes longer.
    if (!mock(name, found)) return found;
    if (const config::User* user = snapshot_->user(name)) {
        fill(*user, {}, found);
        return found;
    }
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos && dot <= longest_name_;
         dot = name.find('.', dot + 1)) {
        std::string_view label = name.substr(dot + 1);
        const config::User* user = label.empty() ? nullptr : snapshot_->user(name.substr(0, dot));
        if (user == nullptr) continue;
        fill(*user, label, found);
        break;
    }
    return found;
}

void credential_store::fill(const config::User& user, std::string_view label, credential& into) const {
    into.found = true;
    into.user = &user;
    into.label = label;
    const user_entry& entry = entry_of(user);
    switch (entry.form) {
        case secret_form::none:
        case secret_form::malformed:
            return;  // the stand-in remains: no password is right
        case secret_form::md5:
            into.kind = secret_kind::md5;
            into.md5_secret = user.password;
            break;
        case secret_form::native: {
            auto hash = parse_native_hash(user.password);
            if (!hash) return;  // it parsed when the store was built
            into.kind = secret_kind::native;
            into.native_hash = *hash;
            break;
        }
        case secret_form::plain:
            into.kind = secret_kind::scram;
            into.verifier = derived_[entry.derived];
            break;
        case secret_form::scram: {
            auto verifier = parse_scram_verifier(user.password);
            if (!verifier) return;  // out of memory aside, it parsed when the store was built
            into.kind = secret_kind::scram;
            into.verifier = std::move(*verifier);
            break;
        }
    }
    into.has_secret = true;
}

bool credential_store::mock(std::string_view name, credential& into) const {
    auto verifier = mock_scram_verifier(mock_secret_, name, mock_iterations_, mock_salt_size_);
    if (!verifier) return false;
    into.kind = mock_kind_;
    into.verifier = std::move(*verifier);
    if (mock_kind_ == secret_kind::scram) return true;
    auto secret = hmac_sha256(mock_secret_, std::string("md5 ").append(name));
    if (!secret) return false;
    std::copy_n(secret->begin(), into.native_hash.size(), into.native_hash.begin());
    // Where md5 is forbidden there is none to imitate.
    if (auto md5 = make_md5_secret(text_of(*secret), name)) into.md5_secret = std::move(*md5);
    return true;
}

/// The same work for everyone, as far as it can be: what is not needed is made and dropped.
mysql_secrets credential_store::mysql_secrets_of(const credential& who, std::string_view login_name,
                                                 const caching_sha2_cache* cache) const {
    mysql_secrets secrets;
    // No hash of anything that anybody could know.
    auto stand_in = hmac_sha256(mock_secret_, std::string("mysql ").append(login_name));
    if (!stand_in) return secrets;
    bool known = who.found && who.has_secret;
    secret_form form = known ? entry_of(*who.user).form : secret_form::none;
    std::string_view stored = known ? std::string_view(who.user->password) : text_of(*stand_in);
    std::string_view password = form == secret_form::plain ? stored : text_of(*stand_in);
    secrets.native = native_hash(password);
    secrets.caching_sha2 = caching_sha2_hash(password);
    std::string_view name = known ? std::string_view(who.user->name) : login_name;
    auto learned = cache == nullptr ? std::nullopt : cache->find(name, stored);

    if (form == secret_form::plain) return secrets;
    if (known) {
        secrets.caching_sha2 = learned;
        secrets.native = form == secret_form::native ? std::optional(who.native_hash) : std::nullopt;
        return secrets;
    }
    if (!mock_native_) secrets.native.reset();
    if (!mock_caching_sha2_) secrets.caching_sha2.reset();
    return secrets;
}

bool password_matches(const credential& who, std::string_view login_name, std::string_view password) {
    bool by_verifier = verify_password(who.verifier, password);
    if (who.kind == secret_kind::scram) return by_verifier;
    if (who.kind == secret_kind::native) {
        auto hash = native_hash(password);
        return hash && constant_time_equal(text_of(*hash), text_of(who.native_hash));
    }
    // The hash was made with the configured name, not with one that carries a tenant behind it.
    std::string_view name = who.found ? std::string_view(who.user->name) : login_name;
    auto secret = make_md5_secret(password, name);
    return secret && constant_time_equal(*secret, who.md5_secret);
}

}  // namespace fairlead::proxy::auth
