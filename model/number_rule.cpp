#include "model/number_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace troupe {

namespace {

__extension__ using wide = __int128;
using phase = number_rule::place::phase_type;

constexpr int usual_digits = 15, integer_digits = 18, exponent_digits = 2;

wide power(int n) {
  wide out = 1;
  while (n-- > 0) out *= 10;
  return out;
}

bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

/// A bound's digits without its point, and how many of them stand behind it.
struct decimal {
  wide value = 0;
  int decimals = 0, digits = 0;
};

std::optional<decimal> decimal_of(double x) {
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed);
  decimal out;
  bool behind = false;
  for (const char* c = text.data(); c != end.ptr; ++c) {
    if (*c == '.') behind = true;
    if (!is_digit(static_cast<unsigned char>(*c))) continue;
    if (out.digits + out.decimals > 30) return std::nullopt;
    out.value = out.value * 10 + (*c - '0');
    ++(behind ? out.decimals : out.digits);
  }
  if (x < 0) out.value = -out.value;
  return out;
}

}  // namespace

result<number_rule> number_rule::make(kind what, const std::vector<bound>& bounds) {
  number_rule out;
  const bool integer = what == kind::integer;
  if (integer) out.longest_ = integer_digits;
  if (!integer && bounds.empty()) return out;
  out.bounded_ = true;
  const error too_long{errc::invalid_request, "a bound with more than 15 digits is not supported"};
  std::vector<decimal> exact;
  int least_decimals = 0, most_decimals = 12;
  for (const bound& b : bounds) {
    const auto d = std::isfinite(b.at) ? decimal_of(b.at) : std::nullopt;
    if (!d || d->digits > out.longest_) return too_long;
    least_decimals = std::max(least_decimals, d->decimals);
    most_decimals = std::min(most_decimals, usual_digits - d->digits);
    exact.push_back(*d);
  }
  if (!integer && least_decimals > std::max(0, most_decimals)) return too_long;
  out.decimals_ = integer ? 0 : std::max(0, most_decimals);
  out.most_ = power(out.longest_ + out.decimals_) - 1;
  out.least_ = -out.most_;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    // Rounded down; `even`: there was nothing to round.
    wide n = exact[i].value * power(std::max(0, out.decimals_ - exact[i].decimals));
    const wide unit = power(std::max(0, exact[i].decimals - out.decimals_));
    const bool even = n % unit == 0;
    n = n / unit - (n % unit < 0 ? 1 : 0);
    switch (bounds[i].which) {
      case side::least:
        out.least_ = std::max(out.least_, even ? n : n + 1);
        break;
      case side::above:
        out.least_ = std::max(out.least_, n + 1);
        break;
      case side::most:
        out.most_ = std::min(out.most_, n);
        break;
      case side::below:
        out.most_ = std::min(out.most_, even ? n - 1 : n);
        break;
    }
  }
  return out;
}

bool number_rule::fits(wide from, wide to, bool negative) const {
  if (negative) {
    std::swap(from, to);
    from = -from;
    to = -to;
  }
  return from <= most_ && to >= least_;
}

/// Whether an ending makes a bounded number of it. In units of the last decimal: each number that
/// begins so lies in one of the intervals that are tried.
bool number_rule::may_be(const place& at) const {
  const wide unit = power(decimals_);
  switch (at.phase) {
    case phase::start:
      return possible();
    case phase::minus:
      return least_ < 0 && (decimals_ > 0 || least_ <= -1);
    case phase::zero:
      return fits(0, decimals_ > 0 ? unit - 1 : 0, at.negative) && (decimals_ > 0 || !at.negative);
    case phase::whole: {
      wide from = at.value * unit, width = unit;
      for (int n = at.digits; n <= longest_; ++n) {
        if (fits(from, from + width - 1, at.negative)) return true;
        from *= 10;
        width *= 10;
      }
      return false;
    }
    case phase::point:
      return decimals_ > 0 && fits(at.value * unit, (at.value + 1) * unit - 1, at.negative);
    case phase::fraction: {
      if (at.decimals > decimals_) return false;
      const wide width = power(decimals_ - at.decimals);
      return fits(at.value * width, (at.value + 1) * width - 1, at.negative);
    }
    default:
      return false;
  }
}

bool number_rule::step(place& at, unsigned char c) const {
  place next = at;
  auto digit = [&] { next.value = next.value * 10 + (c - '0'); };
  switch (at.phase) {
    case phase::start:
    case phase::minus:
      if (c == '-' && at.phase == phase::start) {
        next.negative = true;
        next.phase = phase::minus;
      } else if (is_digit(c)) {
        digit();
        next.digits = 1;
        next.phase = c == '0' ? phase::zero : phase::whole;
      } else {
        return false;
      }
      break;
    case phase::zero:
    case phase::whole:
      if (c == '.') {
        next.phase = phase::point;
      } else if (free() && (c | 0x20) == 'e') {
        next.phase = phase::e;
      } else if (is_digit(c) && at.phase == phase::whole && at.digits < longest_) {
        digit();
        ++next.digits;
      } else {
        return false;
      }
      break;
    case phase::point:
    case phase::fraction:
      if (is_digit(c) && at.decimals < (free() ? usual_digits : decimals_)) {
        digit();
        ++next.decimals;
        next.phase = phase::fraction;
      } else if (free() && (c | 0x20) == 'e' && at.phase == phase::fraction) {
        next.phase = phase::e;
      } else {
        return false;
      }
      break;
    case phase::e:
    case phase::e_sign:
    case phase::exponent:
      if (at.phase == phase::e && (c == '+' || c == '-')) {
        next.phase = phase::e_sign;
      } else if (is_digit(c) && (at.phase != phase::exponent || at.digits < exponent_digits)) {
        next.digits = static_cast<std::uint8_t>(at.phase == phase::exponent ? at.digits + 1 : 1);
        next.phase = phase::exponent;
      } else {
        return false;
      }
      break;
  }
  if (!free() && !may_be(next)) return false;
  // What an unbounded number's digits are does not matter.
  if (free()) next.value = 0;
  at = next;
  return true;
}

bool number_rule::whole(const place& at) const {
  const bool complete = at.phase == phase::zero || at.phase == phase::whole ||
                        at.phase == phase::fraction || at.phase == phase::exponent;
  if (!complete || free()) return complete;
  const wide n = at.value * power(decimals_ - at.decimals);
  return fits(n, n, at.negative);
}

std::string number_rule::shortest(const place& at) const {
  // Breadth first; what cannot lead anywhere is never entered.
  std::vector<std::pair<place, std::string>> row = {{at, ""}};
  while (!row.empty()) {
    std::vector<std::pair<place, std::string>> next;
    for (const auto& [here, text] : row) {
      if (whole(here)) return text;
      for (const char c : std::string_view("0123456789-.")) {
        place there = here;
        if (step(there, static_cast<unsigned char>(c))) next.emplace_back(there, text + c);
      }
    }
    // Of many the first ones and the last ones: bounds are near one end or the other.
    constexpr std::size_t enough = 64;
    if (next.size() > 2 * enough)
      next.erase(next.begin() + enough, next.end() - static_cast<std::ptrdiff_t>(enough));
    row = std::move(next);
  }
  return {};
}

bool number_rule::overlap(const number_rule& a, const number_rule& b) {
  if (a.free() || b.free()) return true;
  const wide to_a = power(std::max(0, b.decimals_ - a.decimals_));
  const wide to_b = power(std::max(0, a.decimals_ - b.decimals_));
  return a.least_ * to_a <= b.most_ * to_b && b.least_ * to_b <= a.most_ * to_a;
}

}  // namespace troupe
