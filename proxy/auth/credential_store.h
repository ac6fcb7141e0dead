#pragma once

#include "common/result.h"
#include "config/snapshot.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/scram_verifier.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::proxy::auth {

/// How a stored secret can be checked.
enum class secret_kind : std::uint8_t { scram, md5 };

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
};

/// The users of one snapshot, ready to be logged in. Immutable once built; thread-safe.
class credential_store {
public:
    /// Turns plain passwords into verifiers, over `threads` threads (0: one per core), at 2.5 ms each; those
    /// that `previous` already holds for the same name and password are taken over, so a reload costs only
    /// what changed. SCRAM and md5 secrets cost nothing here. Fails only without randomness or crypto
    /// library.
    static Result<std::shared_ptr<const credential_store>> build(
        config::SnapshotPtr snapshot, std::shared_ptr<const credential_store> previous = nullptr,
        random_source random = &system_random, unsigned threads = 0);

    /// The user of exactly this name; else, for each '.' from the left, the user named by what stands before
    /// it, with the rest (not empty) as label.
    credential find(std::string_view name) const;

    const config::SnapshotPtr& snapshot() const { return snapshot_; }

    /// Users whose secret starts like a verifier and is none: nobody can log in as them. Worth a warning
    /// each.
    const std::vector<std::string>& malformed() const { return malformed_; }

private:
    enum class secret_form : std::uint8_t { none, plain, scram, md5, malformed };
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

    config::SnapshotPtr snapshot_;
    std::vector<user_entry> entries_;      // parallel to snapshot_->users()
    std::vector<scram_verifier> derived_;  // of plain passwords
    std::vector<std::string> malformed_;
    std::size_t longest_name_ = 0;  // bounds the search for a suffix
    std::string mock_secret_;
    // What most users have, so that a stranger looks like most users.
    secret_kind mock_kind_ = secret_kind::scram;
    std::uint32_t mock_iterations_ = scram_default_iterations;
    std::size_t mock_salt_size_ = scram_default_salt_size;
};

}  // namespace fairlead::proxy::auth
