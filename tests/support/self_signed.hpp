#pragma once
// Certificates made on the spot.

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace troupe::test {

/// A key and a certificate for a host that it has signed itself, as PEM. It is valid from an hour
/// ago for so many seconds from now.
struct self_signed {
  std::string key, certificate;

  explicit self_signed(const std::string& host = "localhost", long valid_for = 3600) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    std::unique_ptr<X509, decltype(&X509_free)> x(X509_new(), &X509_free);
    X509_set_version(x.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), valid_for);
    X509_set_pubkey(x.get(), pair.get());
    auto* name = X509_get_subject_name(x.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
    X509_set_issuer_name(x.get(), name);
    for (const auto& [kind, text] :
         {std::pair(NID_subject_alt_name, "DNS:" + host),
          std::pair(NID_basic_constraints, std::string("critical,CA:TRUE"))}) {
      auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text.c_str());
      X509_add_ext(x.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(x.get(), pair.get(), EVP_sha256());
    key = pem([&](BIO* to) {
      PEM_write_bio_PrivateKey(to, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    certificate = pem([&](BIO* to) { PEM_write_bio_X509(to, x.get()); });
  }

 private:
  template <class F>
  static std::string pem(F write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    write(memory.get());
    char* data = nullptr;
    auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

}  // namespace troupe::test
