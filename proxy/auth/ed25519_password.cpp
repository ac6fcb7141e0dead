#include "proxy/auth/ed25519_password.h"

#include "proxy/auth/crypto.h"

#include <openssl/bn.h>

#include <array>
#include <memory>
#include <utility>

namespace fairlead::proxy::auth {
namespace {

constexpr std::size_t encoded_size = 32;
constexpr int scalar_bits = 256;  // a ladder of as many steps for every scalar

struct bn_deleter {
    void operator()(BIGNUM* n) const { BN_clear_free(n); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using number = std::unique_ptr<BIGNUM, bn_deleter>;

/// Extended coordinates on -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, T = XY/Z.
struct point {
    number x{BN_new()}, y{BN_new()}, z{BN_new()}, t{BN_new()};
    bool allocated() const { return x && y && z && t; }
};

number from_decimal(const char* digits) {
    BIGNUM* n = nullptr;
    BN_dec2bn(&n, digits);
    return number(n);
}

number from_little_endian(std::string_view bytes) {
    return number(BN_lebin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                              static_cast<int>(bytes.size()), nullptr));
}

/// The curve, and whether everything worked so far: failures of the library only add up, and are looked at
/// once at the end.
class curve {
public:
    curve() {
        ok_ = context_ && p_ && order_ && d2_ && base_.allocated();
        if (!ok_) return;
        check(BN_copy(base_.x.get(), base_x_.get()) != nullptr);
        check(BN_copy(base_.y.get(), base_y_.get()) != nullptr);
        check(BN_one(base_.z.get()));
        multiply(base_.t, base_.x, base_.y);
    }

    bool ok() const { return ok_; }
    const number& order() const { return order_; }
    BN_CTX* context() { return context_.get(); }
    void check(int result) { ok_ = ok_ && result == 1; }

    /// The encoding of scalar * base point.
    std::string multiply_base(const number& scalar);

private:
    void multiply(number& out, const number& a, const number& b) {
        check(BN_mod_mul(out.get(), a.get(), b.get(), p_.get(), context_.get()));
    }
    void add(number& out, const number& a, const number& b) {
        check(BN_mod_add(out.get(), a.get(), b.get(), p_.get(), context_.get()));
    }
    void subtract(number& out, const number& a, const number& b) {
        check(BN_mod_sub(out.get(), a.get(), b.get(), p_.get(), context_.get()));
    }
    void add_points(point& out, const point& a, const point& b);
    std::string encode(const point& q);

    std::unique_ptr<BN_CTX, bn_deleter> context_{BN_CTX_secure_new()};
    number p_ = from_decimal("57896044618658097711785492504343953926634992332820282019728792003956564819949");
    number order_ =
        from_decimal("7237005577332262213973186563042994240857116359379907606001950938285454250989");
    /// 2 d
    number d2_ =
        from_decimal("16295367250680780974490674513165176452449235426866156013048779062215315747161");
    number base_x_ =
        from_decimal("15112221349535400772501151409588531511454012693041857206046113283949847762202");
    number base_y_ =
        from_decimal("46316835694926478169428394003475163141307993866256225615783033603165251855960");
    point base_;
    number a_{BN_new()}, b_{BN_new()}, c_{BN_new()}, e_{BN_new()}, f_{BN_new()}, g_{BN_new()}, h_{BN_new()};
    bool ok_ = false;
};

/// Complete: holds for equal points and the neutral one too (RFC 8032, 5.1.4).
void curve::add_points(point& out, const point& a, const point& b) {
    subtract(e_, a.y, a.x);
    subtract(f_, b.y, b.x);
    multiply(a_, e_, f_);
    add(e_, a.y, a.x);
    add(f_, b.y, b.x);
    multiply(b_, e_, f_);
    multiply(e_, a.t, d2_);
    multiply(c_, e_, b.t);
    add(e_, a.z, a.z);
    multiply(g_, e_, b.z);  // the RFC's D
    subtract(e_, b_, a_);
    subtract(f_, g_, c_);
    add(g_, g_, c_);
    add(h_, b_, a_);
    multiply(out.x, e_, f_);
    multiply(out.y, g_, h_);
    multiply(out.t, e_, h_);
    multiply(out.z, f_, g_);
}

std::string curve::encode(const point& q) {
    number inverse(BN_mod_inverse(nullptr, q.z.get(), p_.get(), context_.get()));
    check(inverse ? 1 : 0);
    if (!ok_) return {};
    multiply(e_, q.x, inverse);
    multiply(f_, q.y, inverse);
    std::string bytes(encoded_size, '\0');
    check(BN_bn2lebinpad(f_.get(), reinterpret_cast<unsigned char*>(bytes.data()), encoded_size) ==
          static_cast<int>(encoded_size));
    if (BN_is_odd(e_.get()) != 0) bytes.back() = static_cast<char>(bytes.back() | '\x80');
    return bytes;
}

std::string curve::multiply_base(const number& scalar) {
    std::array<point, 2> ladder;  // [0] = n * base, [1] = (n + 1) * base
    point next;
    if (!ladder[0].allocated() || !ladder[1].allocated() || !next.allocated()) ok_ = false;
    if (!ok_) return {};
    BN_zero(ladder[0].x.get());
    check(BN_one(ladder[0].y.get()));
    check(BN_one(ladder[0].z.get()));
    BN_zero(ladder[0].t.get());
    add_points(ladder[1], ladder[0], base_);
    for (int i = scalar_bits; i-- > 0;) {
        auto bit = static_cast<std::size_t>(BN_is_bit_set(scalar.get(), i));
        add_points(next, ladder[0], ladder[1]);
        std::swap(ladder[1 - bit], next);
        add_points(next, ladder[bit], ladder[bit]);
        std::swap(ladder[bit], next);
    }
    return encode(ladder[0]);
}

/// SHA-512 as a number below the order of the base point.
number reduced_hash(curve& field, std::string_view text) {
    auto digest = sha512(text);
    number n = digest ? from_little_endian(text_of(*digest)) : nullptr;
    if (n) field.check(BN_nnmod(n.get(), n.get(), field.order().get(), field.context()));
    return n;
}

/// The password's hash with the bits of its first half set as the RFC says.
std::optional<sha512_digest> expand(std::string_view password) {
    auto expanded = sha512(password);
    if (!expanded) return std::nullopt;
    (*expanded)[0] &= 248;
    (*expanded)[31] &= 63;
    (*expanded)[31] |= 64;
    return expanded;
}

std::optional<std::string> sign(const sha512_digest& expanded, std::string_view message) {
    curve field;
    std::string_view halves = text_of(expanded);
    number secret = from_little_endian(halves.substr(0, encoded_size));
    if (!field.ok() || !secret) return std::nullopt;
    std::string own_key = field.multiply_base(secret);

    std::string nonce_text(halves.substr(encoded_size));
    number nonce = reduced_hash(field, nonce_text.append(message));
    wipe(nonce_text);
    if (!field.ok() || !nonce) return std::nullopt;
    std::string signature = field.multiply_base(nonce);
    number challenge = reduced_hash(field, std::string(signature).append(own_key).append(message));
    if (!field.ok() || !challenge) return std::nullopt;

    number proof(BN_new());
    if (!proof) return std::nullopt;
    field.check(BN_mod_mul(proof.get(), challenge.get(), secret.get(), field.order().get(), field.context()));
    field.check(BN_mod_add(proof.get(), proof.get(), nonce.get(), field.order().get(), field.context()));
    signature.resize(2 * encoded_size);
    int written =
        BN_bn2lebinpad(proof.get(), reinterpret_cast<unsigned char*>(&signature[encoded_size]), encoded_size);
    if (!field.ok() || written != static_cast<int>(encoded_size)) return std::nullopt;
    return signature;
}

}  // namespace

std::optional<std::string> ed25519_response(std::string_view password, std::string_view scramble) {
    std::optional<sha512_digest> expanded = expand(password);
    if (!expanded) return std::nullopt;
    std::optional<std::string> signature = sign(*expanded, scramble);
    wipe(expanded->data(), expanded->size());
    return signature;
}

}  // namespace fairlead::proxy::auth
