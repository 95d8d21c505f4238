#include "model/access_token.hpp"

#include "model/remote_failure.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr auto margin = std::chrono::seconds(30);
/// Of a token whose end is not told.
constexpr std::int64_t usual_life = 300;
constexpr std::int64_t longest_life = 30 * 86'400;
constexpr std::size_t largest_answer = 64 * 1024;
constexpr auto patience = std::chrono::seconds(10);

std::string form_encoded(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

result<access_token::grant> access_token::fetch(const std::stop_token& cancel,
                                                time_point deadline) const {
  http_request request;
  request.method = "POST";
  request.url = options_.token_url;
  request.body = "grant_type=client_credentials";
  if (!options_.scope.empty()) request.body += "&scope=" + form_encoded(options_.scope);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"Authorization", "Basic " + base64(form_encoded(options_.client_id) + ":" +
                                                         form_encoded(options_.client_secret))}};
  request.max_body = largest_answer;
  const auto asked = time_.now();
  auto answer = http_.send(request, cancel, std::min(deadline, asked + patience));
  if (!answer) return std::move(answer).error();
  if (answer->status / 100 != 2) {
    auto failed = failure_of(*answer, time_.now()).what;
    // 400 with `invalid_client` or `invalid_grant` is how this endpoint refuses (RFC 6749, 5.2).
    if (failed.code == errc::invalid_request) failed.code = errc::unauthorized;
    return failed;
  }
  json::error_code broken;
  const auto parsed = json::parse(answer->body, broken);
  const auto* o = broken ? nullptr : parsed.if_object();
  const auto* token = o ? o->if_contains("access_token") : nullptr;
  const auto* text = token ? token->if_string() : nullptr;
  if (!text || text->empty()) return error{errc::unavailable, "the answer has no `access_token`"};
  const auto* life = o->if_contains("expires_in");
  std::int64_t seconds = usual_life;
  if (life && life->is_int64())
    seconds = std::clamp<std::int64_t>(life->as_int64(), 0, longest_life);
  return grant{std::string(*text), asked + std::chrono::seconds(seconds)};
}

result<std::string> access_token::get(const std::stop_token& cancel, time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto latest = std::min(deadline, time_.now() + patience);
  while (true) {
    const auto now = time_.now();
    if (!present_.token.empty() && now + margin < present_.ends) return present_.token;
    if (!fetching_) break;
    // While it is renewed, the old one is still good.
    if (!present_.token.empty() && now < present_.ends) return present_.token;
    if (!changed_.wait_until(lock, cancel, latest, [&] { return !fetching_; }))
      return cancel.stop_requested()
                 ? error{errc::cancelled, "the request was cancelled"}
                 : error{errc::timeout, "waiting for an access token took too long"};
  }
  fetching_ = true;
  lock.unlock();
  auto fresh = fetch(cancel, deadline);
  lock.lock();
  fetching_ = false;
  changed_.notify_all();
  if (fresh) {
    present_ = *fresh;
    return fresh->token;
  }
  if (!present_.token.empty() && time_.now() < present_.ends) return present_.token;
  auto e = std::move(fresh).error();
  e.message = "no access token from `oauth.token_url`: " + e.message;
  return e;
}

void access_token::refused(const std::string& token) {
  std::lock_guard lock(mutex_);
  if (present_.token == token) present_ = {};
}

}  // namespace troupe
