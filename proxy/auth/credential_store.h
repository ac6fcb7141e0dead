#pragma once

#include "common/result.h"
#include "config/snapshot.h"
#include "proxy/auth/native_password.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/scram_verifier.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::proxy::auth {

class caching_sha2_cache;

/// How a stored secret can be checked. Plain passwords are `scram` here, and good for every method.
enum class secret_kind : std::uint8_t { scram, md5, native };

/// What is known about a name that a client logs in with. An unknown name has one too, so that the login of a
/// stranger goes exactly the way of a known user's and fails at its end.
struct credential {
    bool found = false;       // `user` is set
    bool has_secret = false;  // false: whatever the client proves, refuse it
    secret_kind kind = secret_kind::scram;
    const config::User* user = nullptr;  // lives as long as the store
    std::string label;                   // "acme" of "app.acme" when "app" is the user; else empty
    scram_verifier verifier;             // kind scram
    std::string md5_secret;              // kind md5: "md5" and 32 hexadecimal digits
    sha1_digest native_hash{};           // kind native
};

/// Is this the user's password? The same work whatever the kind of secret, and for strangers: one key
/// derivation (2.5 ms). `login_name`: as the client gave it. True proves nothing without `has_secret`.
bool password_matches(const credential& who, std::string_view login_name, std::string_view password);

/// What MySQL's methods can do with a secret.
struct mysql_secrets {
    std::optional<sha1_digest> native;          // nullopt: mysql_native_password is impossible
    std::optional<sha256_digest> caching_sha2;  // nullopt: the password itself is needed
};

/// The users of one snapshot, ready to be logged in. Immutable once built; thread-safe.
class credential_store {
public:
    /// Turns plain passwords into verifiers, over `threads` threads (0: one per core), at 2.5 ms each; those
    /// that `previous` already holds for the same name and password are taken over, so a reload costs only
    /// what changed. SCRAM and md5 secrets cost nothing here. Fails only without randomness or crypto
    /// library.
    static Result<std::shared_ptr<const credential_store>> build(
        config::SnapshotPtr snapshot, const std::shared_ptr<const credential_store>& previous = nullptr,
        random_source random = &system_random, unsigned threads = 0);

    /// The user of exactly this name; else, for each '.' from the left, the user named by what stands before
    /// it, with the rest (not empty) as label.
    credential find(std::string_view name) const;

    /// For what find(login_name) returned; made at login, so 100,000 users cost nothing at the start. Those
    /// of a stranger are what most users have, and match nothing. `cache`: for secrets that do not give the
    /// hash of caching_sha2_password; may be null.
    mysql_secrets mysql_secrets_of(const credential& who, std::string_view login_name,
                                   const caching_sha2_cache* cache) const;

    const config::SnapshotPtr& snapshot() const { return snapshot_; }

    /// Users whose secret starts like a verifier and is none: nobody can log in as them. Worth a warning
    /// each.
    const std::vector<std::string>& malformed() const { return malformed_; }

private:
    enum class secret_form : std::uint8_t { none, plain, scram, md5, native, malformed };
    struct user_entry {
        secret_form form = secret_form::none;
        std::uint32_t derived = 0;  // plain: index into derived_
    };

    credential_store() = default;
    void classify();
    bool derive(const credential_store* previous, random_source random, unsigned threads);
    const scram_verifier* derived_for(const config::User& user) const;
    void fill(const config::User& user, std::string_view label, credential& into) const;
    bool mock(std::string_view name, credential& into) const;
    const user_entry& entry_of(const config::User& user) const {
        return entries_[static_cast<std::size_t>(&user - snapshot_->users().data())];
    }

    config::SnapshotPtr snapshot_;
    std::vector<user_entry> entries_;      // parallel to snapshot_->users()
    std::vector<scram_verifier> derived_;  // of plain passwords
    std::vector<std::string> malformed_;
    std::size_t longest_name_ = 0;  // bounds the search for a suffix
    std::string mock_secret_;
    // What most users have, so that a stranger looks like most users.
    secret_kind mock_kind_ = secret_kind::scram;
    bool mock_native_ = true;        // has a hash of mysql_native_password
    bool mock_caching_sha2_ = true;  // has one of caching_sha2_password
    std::uint32_t mock_iterations_ = scram_default_iterations;
    std::size_t mock_salt_size_ = scram_default_salt_size;
};

}  // namespace fairlead::proxy::auth
