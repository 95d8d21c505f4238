#pragma once
// Which numbers may stand at a place of a JSON document, digit by digit: a number's beginning is
// allowed only if an ending makes it one of them. Nothing is rounded on the way.

#include "pipeline/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

class number_rule {
 public:
  enum class kind : std::uint8_t { integer, any };
  enum class side : std::uint8_t { least, above, most, below };
  struct bound {
    side which = side::least;
    double at = 0;
  };

  /// Whole numbers have up to 18 digits. Others have up to 15 before the point and 15 behind it,
  /// and an exponent of up to 2; those that are bounded have no exponent, and no more than 15
  /// digits near a bound, so that a reader's rounding cannot carry them over it. Errors: bounds
  /// with more digits than that.
  static result<number_rule> make(kind what, const std::vector<bound>& bounds);

  bool possible() const noexcept { return least_ <= most_; }

  /// Where in a number one is.
  struct place {
    enum class phase_type : std::uint8_t {
      start,
      minus,
      zero,
      whole,
      point,
      fraction,
      e,
      e_sign,
      exponent
    };
    phase_type phase = phase_type::start;
    bool negative = false;
    std::uint8_t digits = 0, decimals = 0;  ///< read so far; `digits` before the point
    __extension__ __int128 value = 0;       ///< all of them as one number, without sign
    bool operator==(const place&) const = default;
  };

  /// Reads one more byte; false, and `at` is unchanged, if it cannot be part of such a number.
  bool step(place& at, unsigned char byte) const;
  /// Whether what was read is one of the numbers.
  bool whole(const place& at) const;
  /// The fewest bytes that make it one.
  std::string shortest(const place& at) const;
  /// False only if no number fits both.
  static bool overlap(const number_rule& a, const number_rule& b);

 private:
  __extension__ using wide = __int128;

  bool may_be(const place& at) const;
  bool fits(wide from, wide to, bool negative) const;
  bool free() const noexcept { return !bounded_; }

  bool bounded_ = false;
  int decimals_ = 0;  ///< of bounded numbers; in units of the last of them:
  wide least_ = 0, most_ = 0;
  int longest_ = 15;  ///< digits before the point
};

}  // namespace troupe
