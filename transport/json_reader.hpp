#pragma once
// Reading JSON that a stranger sent: bounded in depth, and every complaint names the member.

#include "pipeline/result.hpp"

#include <boost/json/memory_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>

#include <array>
#include <string>
#include <string_view>

namespace troupe {

/// The most that one JSON text of a client may be nested.
inline constexpr std::size_t json_depth = 32;

/// `text` as one JSON object of valid UTF-8; `invalid_request` says at which byte it is none.
result<boost::json::object> parse_object(std::string_view text, boost::json::storage_ptr memory);

enum class presence : unsigned char { optional, required };

/// Reads members of an object and remembers the first thing that is wrong with them; what could
/// not be read comes back empty. Check `problem` at the end.
class member_reader {
 public:
  /// `where` stands before the names in messages, e.g. "input.".
  explicit member_reader(const boost::json::object& o, std::string where = "");

  bool has(std::string_view name) const;
  /// Text of 1 to `max_bytes` bytes.
  std::string_view text(std::string_view name, presence p, std::size_t max_bytes);
  /// The same, as an identifier: no control characters, at most 128 bytes.
  std::string_view id(std::string_view name, presence p);
  bool boolean(std::string_view name, bool otherwise);
  const boost::json::object* object(std::string_view name, presence p);
  const boost::json::array* array(std::string_view name, presence p);
  const boost::json::value* any(std::string_view name, presence p);

  void complain(std::string_view name, std::string_view what);
  const std::optional<error>& problem() const { return problem_; }

 private:
  const boost::json::object& object_;
  std::string where_;
  std::optional<error> problem_;
};

}  // namespace troupe
