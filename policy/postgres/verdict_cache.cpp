#include "policy/postgres/verdict_cache.h"

#include "policy/postgres/fingerprint.h"
#include "policy/postgres/lexer.h"
#include "policy/postgres/verdict_store.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

namespace fairlead::policy::postgres {

namespace {

// First byte of a key: what the rest of it is.
constexpr char shape_key = 'S';    // scope, fingerprint
constexpr char variant_key = 'V';  // id of the shape, examined literals
constexpr char text_key = 'T';     // scope, exact text

constexpr std::size_t kept_tokens = 1U << 16;  // capacity that stays with the cache between two texts

template <typename T>
void append_raw(std::string& key, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    key.append(bytes, sizeof bytes);
}

void begin_key(std::string& key, char what, const GuardScope& scope, std::string_view own_schema) {
    key.clear();
    key.push_back(what);
    append_raw(key, &scope);
    key.push_back(scope.catalogue == nullptr ? '0' : '1');
    append_raw(key, scope.catalogue == nullptr ? 0 : scope.catalogue->epoch());
    append_raw(key, own_schema.size());
    key.append(own_schema);
}

// Such a verdict holds places or values of one text and must not be given to another, however alike.
// So must one about a text that the parser did not take: a literal's value may have been the reason
// (float(99)).
bool bound_to_text(const Verdict& verdict) {
    return verdict.refused || verdict.pin == Pin::unparsed || verdict.command != SessionCommand::none ||
           !verdict.settings.empty();
}

// Positions in errors count characters, from 1.
std::uint32_t character_position(std::string_view sql, std::uint32_t offset) {
    auto starts_character = [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; };
    auto prefix = sql.substr(0, offset);
    return 1 + static_cast<std::uint32_t>(std::count_if(prefix.begin(), prefix.end(), starts_character));
}

VerdictPtr lexer_refusal(std::string_view sql, const lex_result& result) {
    Verdict verdict;
    verdict.refused = true;
    bool too_much = result.error == lex_error::too_many_tokens || result.error == lex_error::too_long;
    verdict.refusal.rule = "lexer";
    verdict.refusal.message = "the statement cannot be read safely: " + std::string(to_string(result.error));
    verdict.refusal.hint = too_much ? "Send the statement in smaller parts, or use COPY."
                                    : "Write the literal, name or number at this place in its plain form.";
    verdict.refusal.sqlstate = too_much ? "54001" : "42601";
    verdict.refusal.position = too_much ? 0 : character_position(sql, result.position);
    return std::make_shared<const Verdict>(std::move(verdict));
}

}  // namespace

struct VerdictCache::Impl {
    Impl(const Limits& limits, Analyser analyser)
        : limits_(limits), analyse_(std::move(analyser)), store_(limits.max_bytes, limits.max_variants) {}

    VerdictPtr check(const GuardScope& scope, std::string_view own_schema, std::string_view sql);
    void count();

    Limits limits_;
    Analyser analyse_;
    verdict_store store_;
    Counters counters_;

private:
    VerdictPtr unreadable(const GuardScope& scope, std::string_view own_schema, std::string_view sql,
                          const lex_result& result);
    VerdictPtr hit(stored_verdict* entry);
    VerdictPtr miss(const GuardScope& scope, std::string_view own_schema, std::string_view sql);
    void keep(const GuardScope& scope, std::string_view sql, const VerdictPtr& verdict);
    stored_verdict* add_shape(const GuardScope& scope, const VerdictPtr& verdict);
    bool examined_are_literals();
    void make_variant_key(std::string_view sql, const stored_verdict& shape);
    void add(const GuardScope& scope, const std::string& key, VerdictPtr verdict,
             stored_verdict* shape = nullptr);

    // Of the text at hand; members so that their memory is used again.
    std::vector<token> tokens_;
    std::vector<std::uint32_t> examined_;
    std::string shape_key_;
    std::string variant_key_;
    std::string text_key_;
};

VerdictPtr VerdictCache::Impl::check(const GuardScope& scope, std::string_view own_schema,
                                     std::string_view sql) {
    lex_limits limits;
    limits.max_tokens = limits_.max_tokens;
    lex_result result = lex(sql, tokens_, limits);
    if (!result) return unreadable(scope, own_schema, sql, result);

    begin_key(shape_key_, shape_key, scope, own_schema);
    append_fingerprint(sql, tokens_, shape_key_);
    if (stored_verdict* shape = store_.find(shape_key_)) {
        store_.touch(shape);
        if (shape->verdict != nullptr) return hit(shape);
        make_variant_key(sql, *shape);
        if (stored_verdict* variant = store_.find(variant_key_)) return hit(variant);
    }
    begin_key(text_key_, text_key, scope, own_schema);
    text_key_.append(sql);
    if (stored_verdict* text = store_.find(text_key_)) return hit(text);
    return miss(scope, own_schema, sql);
}

VerdictPtr VerdictCache::Impl::unreadable(const GuardScope& scope, std::string_view own_schema,
                                          std::string_view sql, const lex_result& result) {
    if (scope.model == config::Model::silo) {
        ++counters_.misses;
        examined_.clear();
        return std::make_shared<const Verdict>(analyse_(scope, own_schema, sql, &examined_));
    }
    ++counters_.lexer_refusals;
    return lexer_refusal(sql, result);
}

VerdictPtr VerdictCache::Impl::hit(stored_verdict* entry) {
    ++counters_.hits;
    store_.touch(entry);
    return entry->verdict;
}

VerdictPtr VerdictCache::Impl::miss(const GuardScope& scope, std::string_view own_schema,
                                    std::string_view sql) {
    ++counters_.misses;
    examined_.clear();
    auto verdict = std::make_shared<const Verdict>(analyse_(scope, own_schema, sql, &examined_));
    keep(scope, sql, verdict);
    if (tokens_.capacity() > kept_tokens) {
        std::vector<token>().swap(tokens_);
        for (std::string* key : {&shape_key_, &variant_key_, &text_key_}) std::string().swap(*key);
    }
    return verdict;
}

void VerdictCache::Impl::keep(const GuardScope& scope, std::string_view sql, const VerdictPtr& verdict) {
    if (bound_to_text(*verdict) || !examined_are_literals()) return add(scope, text_key_, verdict);
    stored_verdict* shape = store_.find(shape_key_);
    if (shape != nullptr) {
        bool known =
            std::includes(shape->examined.begin(), shape->examined.end(), examined_.begin(), examined_.end());
        if (!known) {
            // This text's analysis went another way and looked at more: from now on all those literals count.
            // The variants kept so far are keyed by fewer, so they go.
            std::vector<std::uint32_t> all;
            std::set_union(shape->examined.begin(), shape->examined.end(), examined_.begin(), examined_.end(),
                           std::back_inserter(all));
            examined_ = std::move(all);
            store_.erase(shape);
            shape = nullptr;
        }
    }
    if (shape == nullptr) shape = add_shape(scope, verdict);
    if (shape == nullptr || shape->verdict != nullptr) return;
    make_variant_key(sql, *shape);
    add(scope, variant_key_, verdict, shape);
}

stored_verdict* VerdictCache::Impl::add_shape(const GuardScope& scope, const VerdictPtr& verdict) {
    auto entry = std::make_unique<stored_verdict>();
    entry->key = shape_key_;
    entry->scope = &scope;
    entry->examined = examined_;
    if (examined_.empty()) entry->verdict = verdict;
    return store_.insert(std::move(entry));
}

// Sorts them, too. An index that names no literal means that the analysis and the lexer see the text
// differently; then only the exact text is safe.
bool VerdictCache::Impl::examined_are_literals() {
    std::sort(examined_.begin(), examined_.end());
    examined_.erase(std::unique(examined_.begin(), examined_.end()), examined_.end());
    return std::all_of(examined_.begin(), examined_.end(), [&](std::uint32_t index) {
        return index < tokens_.size() && is_literal(tokens_[index].kind);
    });
}

void VerdictCache::Impl::make_variant_key(std::string_view sql, const stored_verdict& shape) {
    variant_key_.clear();
    variant_key_.push_back(variant_key);
    append_raw(variant_key_, shape.id);
    for (std::uint32_t index : shape.examined) append_full(sql, tokens_[index], variant_key_);
}

void VerdictCache::Impl::add(const GuardScope& scope, const std::string& key, VerdictPtr verdict,
                             stored_verdict* shape) {
    auto entry = std::make_unique<stored_verdict>();
    entry->key = key;
    entry->scope = &scope;
    entry->verdict = std::move(verdict);
    store_.insert(std::move(entry), shape);
}

void VerdictCache::Impl::count() {
    counters_.bytes = store_.bytes();
    counters_.entries = store_.entries();
    counters_.evictions = store_.evictions();
}

VerdictCache::VerdictCache(const Limits& limits, Analyser analyser)
    : impl_(std::make_unique<Impl>(limits, std::move(analyser))) {}
VerdictCache::~VerdictCache() = default;

VerdictPtr VerdictCache::check(const GuardScope& scope, std::string_view own_schema, std::string_view sql) {
    return impl_->check(scope, own_schema, sql);
}

void VerdictCache::forget(const GuardScope& scope) {
    impl_->store_.erase_scope(&scope);
}

const VerdictCache::Counters& VerdictCache::counters() const {
    impl_->count();
    return impl_->counters_;
}

}  // namespace fairlead::policy::postgres
