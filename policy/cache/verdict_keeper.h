#pragma once

#include "policy/cache/key_writer.h"
#include "policy/cache/limits.h"
#include "policy/cache/verdict_store.h"
#include "policy/verdict.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::policy {

/// What is the same in the verdict caches of both engines: verdicts by token fingerprint, which is all tokens
/// of the text with literals by kind only, plus what else the verdict depends on. Keys are compared in full.
/// Bounded by bytes; evicts the least recently used, those asked for once before those asked for again.
/// Not thread-safe. A hit allocates nothing.
///
/// `Engine` is a struct of types and functions, see policy/postgres/verdict_cache.cpp:
///   token, question (with members scope and sql)
///   lex(question, max_tokens, tokens), is_literal(token)
///   refuse(question, lex_result)        the verdict on a text that the lexer does not take
///   passes_unread(question)             such texts are analysed nevertheless (silo)
///   append_scope(question, key)         what every verdict depends on, besides the text and the scope
///   append_session(question, bits, key) what only some depend on, by a bit each
///   session_bits(verdict), all_session_bits
///   append_fingerprint(sql, tokens, key), append_full(sql, token, key)
///   analyse(question, examined)
template <typename Engine>
class verdict_keeper {
public:
    using question = typename Engine::question;
    using token = typename Engine::token;

    verdict_keeper(const verdict_cache_limits& limits, Engine engine)
        : limits_(limits), engine_(std::move(engine)), store_(limits.max_bytes, limits.max_variants) {}

    /// Never null.
    VerdictPtr check(const question& asked) {
        auto result = engine_.lex(asked, limits_.max_tokens, tokens_);
        if (!result) return unreadable(asked, result);

        begin_key(shape_key_, shape_key, asked);
        engine_.append_fingerprint(asked.sql, tokens_, shape_key_);
        if (stored_verdict* shape = store_.find(shape_key_)) {
            store_.touch(shape);
            if (shape->verdict != nullptr) return hit(shape);
            make_variant_key(asked, *shape);
            if (stored_verdict* variant = store_.find(variant_key_)) return hit(variant);
        }
        begin_key(text_key_, text_key, asked);
        engine_.append_session(asked, Engine::all_session_bits, text_key_);
        text_key_.append(asked.sql);
        if (stored_verdict* text = store_.find(text_key_)) return hit(text);
        return miss(asked);
    }

    /// Of the text that was checked last; empty if the lexer did not take it.
    const std::vector<token>& tokens() const { return tokens_; }

    void forget(const void* scope) { store_.erase_scope(scope); }

    const verdict_cache_counters& counters() {
        counters_.bytes = store_.bytes();
        counters_.entries = store_.entries();
        counters_.evictions = store_.evictions();
        return counters_;
    }

private:
    // First byte of a key: what the rest of it is.
    static constexpr char shape_key = 'S';    // scope, fingerprint
    static constexpr char variant_key = 'V';  // id of the shape, session, examined literals
    static constexpr char text_key = 'T';     // scope, session, exact text

    // Capacity that stays between two texts.
    static constexpr std::size_t kept_tokens = 1U << 16;
    static constexpr std::size_t kept_key_bytes = 1U << 20;

    void begin_key(std::string& key, char what, const question& asked) {
        key.clear();
        key.push_back(what);
        append_raw(key, static_cast<const void*>(&asked.scope));
        key.push_back(asked.scope.catalogue == nullptr ? '0' : '1');
        append_raw(key, asked.scope.catalogue == nullptr ? std::uint64_t{0} : asked.scope.catalogue->epoch());
        engine_.append_scope(asked, key);
    }

    VerdictPtr unreadable(const question& asked, const typename Engine::lex_result& result) {
        tokens_.clear();
        if (engine_.passes_unread(asked)) {
            ++counters_.misses;
            examined_.clear();
            return std::make_shared<const Verdict>(engine_.analyse(asked, &examined_));
        }
        ++counters_.lexer_refusals;
        return engine_.refuse(asked, result);
    }

    VerdictPtr hit(stored_verdict* entry) {
        ++counters_.hits;
        store_.touch(entry);
        return entry->verdict;
    }

    VerdictPtr miss(const question& asked) {
        ++counters_.misses;
        if (tokens_.capacity() > kept_tokens && tokens_.size() <= kept_tokens) tokens_.shrink_to_fit();
        examined_.clear();
        auto verdict = std::make_shared<const Verdict>(engine_.analyse(asked, &examined_));
        keep(asked, verdict);
        for (std::string* key : {&shape_key_, &variant_key_, &text_key_}) {
            if (key->capacity() > kept_key_bytes) std::string().swap(*key);
        }
        return verdict;
    }

    // Such a verdict holds places or values of one text and must not be given to another, however alike.
    // So must one about a text that the parser did not take: a literal's value may have been the reason.
    static bool bound_to_text(const Verdict& verdict) {
        return verdict.refused || verdict.pins.has(Pin::unparsed) ||
               verdict.command != SessionCommand::none || !verdict.settings.empty();
    }

    void keep(const question& asked, const VerdictPtr& verdict) {
        if (bound_to_text(*verdict) || !examined_are_literals()) return add(asked, text_key_, verdict);
        std::uint8_t session = engine_.session_bits(*verdict);
        stored_verdict* shape = store_.find(shape_key_);
        if (shape != nullptr && !covers(*shape, session)) {
            // This text's analysis went another way and looked at more: from now on all that counts. The
            // variants kept so far are keyed by less, so they go.
            std::vector<std::uint32_t> all;
            std::set_union(shape->examined.begin(), shape->examined.end(), examined_.begin(), examined_.end(),
                           std::back_inserter(all));
            examined_ = std::move(all);
            session |= shape->session;
            store_.erase(shape);
            shape = nullptr;
        }
        if (shape == nullptr) shape = add_shape(asked, verdict, session);
        if (shape == nullptr || shape->verdict != nullptr) return;
        make_variant_key(asked, *shape);
        add(asked, variant_key_, verdict, shape);
    }

    bool covers(const stored_verdict& shape, std::uint8_t session) const {
        return (session & ~shape.session) == 0 && std::includes(shape.examined.begin(), shape.examined.end(),
                                                                examined_.begin(), examined_.end());
    }

    stored_verdict* add_shape(const question& asked, const VerdictPtr& verdict, std::uint8_t session) {
        auto entry = std::make_unique<stored_verdict>();
        entry->key = shape_key_;
        entry->scope = &asked.scope;
        entry->examined = examined_;
        entry->session = session;
        if (examined_.empty() && session == 0) entry->verdict = verdict;
        return store_.insert(std::move(entry));
    }

    // Sorts them, too. An index that names no literal means that the analysis and the lexer see the text
    // differently; then only the exact text is safe.
    bool examined_are_literals() {
        std::sort(examined_.begin(), examined_.end());
        examined_.erase(std::unique(examined_.begin(), examined_.end()), examined_.end());
        return std::all_of(examined_.begin(), examined_.end(), [&](std::uint32_t index) {
            return index < tokens_.size() && engine_.is_literal(tokens_[index]);
        });
    }

    void make_variant_key(const question& asked, const stored_verdict& shape) {
        variant_key_.clear();
        variant_key_.push_back(variant_key);
        append_raw(variant_key_, shape.id);
        engine_.append_session(asked, shape.session, variant_key_);
        for (std::uint32_t index : shape.examined)
            engine_.append_full(asked.sql, tokens_[index], variant_key_);
    }

    void add(const question& asked, const std::string& key, VerdictPtr verdict,
             stored_verdict* shape = nullptr) {
        auto entry = std::make_unique<stored_verdict>();
        entry->key = key;
        entry->scope = &asked.scope;
        entry->verdict = std::move(verdict);
        store_.insert(std::move(entry), shape);
    }

    verdict_cache_limits limits_;
    Engine engine_;
    verdict_store store_;
    verdict_cache_counters counters_;

    // Of the text at hand; members so that their memory is used again.
    std::vector<token> tokens_;
    std::vector<std::uint32_t> examined_;
    std::string shape_key_;
    std::string variant_key_;
    std::string text_key_;
};

}  // namespace fairlead::policy
