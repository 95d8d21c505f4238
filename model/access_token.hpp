#pragma once
// An OAuth2 access token by client credentials (RFC 6749, 4.4), kept until shortly before it ends.

#include "model/remote_options.hpp"

#include <condition_variable>
#include <mutex>

namespace troupe {

/// Thread-safe: one caller fetches a new token, the others wait for it.
class access_token {
 public:
  /// `http` and `time` outlive it.
  access_token(oauth_options options, http_client& http, const clock& time)
      : options_(std::move(options)), http_(http), time_(time) {}

  /// The present token, or a new one when that ends within half a minute; while no new one can be
  /// had, an old one serves to its last second. Errors: `unauthorized`, the token endpoint refuses;
  /// `unavailable` and `timeout`, it is down; `cancelled`.
  result<std::string> get(const std::stop_token& cancel, time_point deadline);

  /// The API refused this token: it is not given again.
  void refused(const std::string& token);

 private:
  struct grant {
    std::string token;
    time_point ends;
  };
  result<grant> fetch(const std::stop_token& cancel, time_point deadline) const;

  const oauth_options options_;
  http_client& http_;
  const clock& time_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  grant present_;
  bool fetching_ = false;
};

}  // namespace troupe
