#include "proxy/auth/rsa_key.h"

#include <climits>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace fairlead::proxy::auth {
namespace {

constexpr int min_bits = 2048;

struct openssl_deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_deleter>;
using context_ptr = std::unique_ptr<EVP_PKEY_CTX, openssl_deleter>;
using bio_ptr = std::unique_ptr<BIO, openssl_deleter>;

bio_ptr bio_over(std::string_view text) {
    return bio_ptr(text.size() > INT_MAX ? nullptr
                                         : BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// PEM with a pass phrase would ask for it on the terminal.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

std::string public_pem_of(EVP_PKEY* key) {
    bio_ptr bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PUBKEY(bio.get(), key) != 1) return {};
    char* data = nullptr;
    long size = BIO_get_mem_data(bio.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

using operation = int (*)(EVP_PKEY_CTX*, unsigned char*, std::size_t*, const unsigned char*, std::size_t);

/// One encryption or decryption, whose context is prepared by `init`.
std::optional<std::string> run(EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*), operation perform,
                               std::string_view input) {
    context_ptr context(EVP_PKEY_CTX_new(key, nullptr));
    if (!context || init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1)
        return std::nullopt;
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
    std::string output(size, '\0');
    if (perform(context.get(), reinterpret_cast<unsigned char*>(output.data()), &size,
                reinterpret_cast<const unsigned char*>(input.data()), input.size()) != 1)
        return std::nullopt;
    output.resize(size);
    return output;
}

}  // namespace

Result<std::shared_ptr<const rsa_key>> rsa_key::adopt(evp_pkey_st* key) {
    std::shared_ptr<rsa_key> adopted(new rsa_key(key));
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < min_bits)
        return Error{"this is no RSA key of at least 2048 bits", {}};
    adopted->public_pem_ = public_pem_of(key);
    if (adopted->public_pem_.empty()) return Error{"the public RSA key could not be written", {}};
    return std::shared_ptr<const rsa_key>(std::move(adopted));
}

Result<std::shared_ptr<const rsa_key>> rsa_key::generate() {
    return adopt(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(min_bits)));
}

Result<std::shared_ptr<const rsa_key>> rsa_key::load(std::string_view pem) {
    bio_ptr bio = bio_over(pem);
    return adopt(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_pass_phrase, nullptr) : nullptr);
}

rsa_key::~rsa_key() {
    EVP_PKEY_free(key_);
}

std::optional<std::string> rsa_key::decrypt(std::string_view encrypted) const {
    return run(key_, &EVP_PKEY_decrypt_init, &EVP_PKEY_decrypt, encrypted);
}

std::shared_ptr<const rsa_key> lazy_rsa_key::get() {
    std::lock_guard lock(mutex_);
    if (!key_) {
        auto made = rsa_key::generate();
        if (made) key_ = *made;
    }
    return key_;
}

std::optional<std::string> rsa_encrypt(std::string_view public_pem, std::string_view text) {
    bio_ptr bio = bio_over(public_pem);
    key_ptr key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_pass_phrase, nullptr) : nullptr);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
    return run(key.get(), &EVP_PKEY_encrypt_init, &EVP_PKEY_encrypt, text);
}

}  // namespace fairlead::proxy::auth
