#include "pipeline/codec.hpp"

#include "pipeline/record_time.hpp"

#include <bit>
#include <cstring>

namespace troupe {

namespace {

constexpr int max_depth = 64;
/// First byte of every step: a reader of another version refuses instead of guessing.
constexpr std::uint64_t step_version = 1;

}  // namespace

void byte_writer::long_number(std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) byte(static_cast<char>(n | 0x80));
  byte(static_cast<char>(n));
}

void byte_writer::text(std::string_view s) {
  number(s.size());
  bytes(s);
}

void byte_writer::bytes(std::string_view s) {
  if (s.size() > near_.size() - size_) {
    flush();
    far_ += s;
  } else {
    s.copy(near_.data() + size_, s.size());
    size_ += s.size();
  }
}

void byte_writer::flush() { far_.append(near_.data(), std::exchange(size_, 0)); }

std::string byte_writer::take() {
  flush();
  return std::move(far_);
}

void byte_writer::put(const value& v) {
  byte(static_cast<char>(v.type()));
  switch (v.type()) {
    case slot_type::boolean:
      byte(v.as_bool() ? '\1' : '\0');
      break;
    case slot_type::integer:
      integer(v.as_int());
      break;
    case slot_type::floating: {
      auto bits = std::bit_cast<std::uint64_t>(v.as_number());
      for (int i = 0; i < 8; ++i) byte(static_cast<char>(bits >> (8 * i)));
      break;
    }
    case slot_type::text:
      text(v.as_text());
      break;
    case slot_type::list:
      number(v.as_list().size());
      for (const value& item : v.as_list()) put(item);
      break;
    case slot_type::table:
      number(v.as_table().size());
      for (const auto& [key, item] : v.as_table()) {
        text(key);
        put(item);
      }
      break;
    default:
      break;
  }
}

std::uint8_t byte_reader::byte() {
  if (rest_.empty()) {
    fail();
    return 0;
  }
  auto b = static_cast<std::uint8_t>(rest_[0]);
  rest_.remove_prefix(1);
  return b;
}

std::uint64_t byte_reader::number() {
  std::uint64_t n = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    std::uint8_t b = byte();
    n |= static_cast<std::uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) return ok_ ? n : 0;
  }
  fail();
  return 0;
}

std::int64_t byte_reader::integer() {
  std::uint64_t n = number();
  return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

std::string_view byte_reader::text() {
  std::uint64_t size = number();
  if (size > rest_.size()) {
    fail();
    return {};
  }
  std::string_view s = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return s;
}

value byte_reader::get(int depth) {
  if (depth > max_depth) fail();
  switch (static_cast<slot_type>(byte())) {
    case slot_type::none:
      return {};
    case slot_type::boolean:
      return byte() != 0;
    case slot_type::integer:
      return integer();
    case slot_type::floating: {
      std::uint64_t bits = 0;
      for (int i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(byte()) << (8 * i);
      return std::bit_cast<double>(bits);
    }
    case slot_type::text:
      return text();
    case slot_type::list: {
      std::uint64_t count = number();
      value::list items;
      for (std::uint64_t i = 0; i < count && ok_; ++i) items.push_back(get(depth + 1));
      return items;
    }
    case slot_type::table: {
      std::uint64_t count = number();
      value::table entries;
      for (std::uint64_t i = 0; i < count && ok_; ++i) {
        std::string key(text());
        entries.emplace_back(std::move(key), get(depth + 1));
      }
      return entries;
    }
    default:
      fail();
      return {};
  }
}

std::string encode(const step& s) {
  byte_writer w;
  w.number(step_version);
  w.number(static_cast<std::uint64_t>(s.what));
  w.integer(s.at.time_since_epoch().count());
  w.integer(s.task);
  w.number(s.outputs.size());
  for (const value& v : s.outputs) w.put(v);
  w.number(s.slots.size());
  for (const auto& [id, v] : s.slots) {
    w.integer(id);
    w.put(v);
  }
  w.number(static_cast<std::uint64_t>(s.failure.code));
  w.text(s.failure.message);
  w.integer(s.failure.retry_after ? s.failure.retry_after->count() : -1);
  w.integer(s.used.model_calls);
  w.integer(s.used.tokens);
  if (s.what == step::kind::suspended) w.integer(s.until.time_since_epoch().count());
  if (s.worked >= duration(0)) w.integer(s.worked.count());
  if (!s.busy.empty()) {
    w.number(s.busy.size());
    for (const auto& [task, worked] : s.busy) {
      w.integer(task);
      w.integer(worked.count());
    }
  }
  return w.take();
}

result<step> decode_step(std::string_view bytes) {
  byte_reader r(bytes);
  const error damaged{errc::internal, "a journal record is damaged or of another version"};
  if (r.number() != step_version) return damaged;
  step s;
  std::uint64_t kind = r.number();
  if (kind > static_cast<std::uint64_t>(step::kind::decided)) return damaged;
  s.what = static_cast<step::kind>(kind);
  s.at = time_point(duration(r.integer()));
  s.task = r.integer();
  for (std::uint64_t n = r.number(); n > 0 && r.ok(); --n) s.outputs.push_back(r.get());
  for (std::uint64_t n = r.number(); n > 0 && r.ok(); --n) {
    auto id = static_cast<slot_id>(r.integer());
    s.slots.emplace_back(id, r.get());
  }
  std::uint64_t code = r.number();
  if (code > static_cast<std::uint64_t>(errc::dropped)) return damaged;
  s.failure.code = static_cast<errc>(code);
  s.failure.message = r.text();
  if (auto ms = r.integer(); ms >= 0)
    s.failure.retry_after = std::chrono::milliseconds(std::min(ms, most_of_record / 1000));
  s.used.model_calls = record_amount(r.integer());
  s.used.tokens = record_amount(r.integer());
  if (s.what == step::kind::suspended)
    s.until = time_point(duration(std::max<std::int64_t>(0, record_amount(r.integer()))));
  const bool ends_calls = s.what == step::kind::timer || s.what == step::kind::cancel;
  if (ends_calls && r.ok() && !r.at_end()) {
    for (std::uint64_t n = r.number(); n > 0 && r.ok(); --n) {
      const auto task = r.integer();
      s.busy.emplace_back(task, duration(record_amount(r.integer())));
    }
  } else if (r.ok() && !r.at_end()) {
    s.worked = duration(record_amount(r.integer()));
  }
  if (!r.ok() || !r.at_end() || !is_record_time(s.at)) return damaged;
  return s;
}

}  // namespace troupe
