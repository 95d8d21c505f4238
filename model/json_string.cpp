#include "model/json_string.hpp"

#include "pipeline/value.hpp"

namespace troupe {

namespace {

using outcome = string_place::outcome;

/// The characters that have to be escaped, with their one spelling.
struct escaped {
  char character;
  std::string spelling;
};

const std::vector<escaped>& all_escaped() {
  static const std::vector<escaped> all = [] {
    std::vector<escaped> out;
    auto add = [&](char c) { out.push_back({c, json_spelling(std::string_view(&c, 1))}); };
    for (const char c : std::string_view("\n\"\\\t\r")) add(c);
    for (char c = 0; c < 0x20; ++c)
      if (c != '\n' && c != '\t' && c != '\r') add(c);
    return out;
  }();
  return all;
}

bool is_hex(unsigned char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

bool alive(const string_limits& limits, text_automaton::state state, char c) {
  return !limits.automaton ||
         limits.automaton->next(state, static_cast<unsigned char>(c)) != text_automaton::dead;
}

}  // namespace

std::string json_spelling(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out.substr(1, out.size() - 2);
}

bool string_place::begin(unsigned char lead) {
  utf8_from = 0x80;
  utf8_to = 0xBF;
  if (lead < 0x80) {
    utf8_left = 0;
  } else if (lead >= 0xC2 && lead <= 0xDF) {
    utf8_left = 1;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    utf8_left = 2;
    if (lead == 0xE0) utf8_from = 0xA0;
    if (lead == 0xED) utf8_to = 0x9F;  // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    utf8_left = 3;
    if (lead == 0xF0) utf8_from = 0x90;
    if (lead == 0xF4) utf8_to = 0x8F;
  } else {
    return false;
  }
  ++count;
  return true;
}

outcome string_place::step(const string_limits& limits, unsigned char byte) {
  if (escape_length > 0 || after_high)
    return limits.one_spelling ? step_escape(limits, byte) : step_free_escape(byte);
  if (utf8_left > 0) {
    if (byte < utf8_from || byte > utf8_to) return outcome::refused;
    if (limits.automaton) {
      const auto next = limits.automaton->next(state, byte);
      if (next == text_automaton::dead) return outcome::refused;
      state = next;
    }
    --utf8_left;
    utf8_from = 0x80;
    utf8_to = 0xBF;
    return outcome::inside;
  }
  if (byte == '"') {
    const bool whole = limits.automaton ? limits.automaton->accepts(state) : count >= limits.least;
    return whole ? outcome::closed : outcome::refused;
  }
  if (byte < 0x20 || count >= limits.most) return outcome::refused;
  if (byte == '\\') {
    if (limits.one_spelling) return step_escape(limits, byte);
    escape[escape_length++] = '\\';
    ++count;
    return outcome::inside;
  }
  const string_place before = *this;
  if (!begin(byte)) return outcome::refused;
  if (limits.automaton) {
    state = limits.automaton->next(state, byte);
    if (state == text_automaton::dead) {
      *this = before;
      return outcome::refused;
    }
  }
  return outcome::inside;
}

outcome string_place::step_escape(const string_limits& limits, unsigned char byte) {
  std::string so_far(escape.data(), escape_length);
  so_far += static_cast<char>(byte);
  for (const escaped& e : all_escaped()) {
    if (!e.spelling.starts_with(so_far) || !alive(limits, state, e.character)) continue;
    if (e.spelling.size() > so_far.size()) {
      escape[escape_length++] = static_cast<char>(byte);
      return outcome::inside;
    }
    escape_length = 0;
    ++count;
    if (limits.automaton)
      state = limits.automaton->next(state, static_cast<unsigned char>(e.character));
    return outcome::inside;
  }
  return outcome::refused;
}

outcome string_place::step_free_escape(unsigned char byte) {
  const auto lower = static_cast<unsigned char>(byte | 0x20);
  bool good = false;
  switch (escape_length) {
    case 0:  // after the first half of a pair
      good = byte == '\\';
      break;
    case 1:
      good = byte == 'u';
      if (!good && !after_high &&
          std::string_view("\"\\/bfnrt").find(static_cast<char>(byte)) != std::string_view::npos) {
        escape_length = 0;
        return outcome::inside;
      }
      break;
    case 2:
      good = after_high ? lower == 'd' : is_hex(byte);
      break;
    case 3: {
      const bool surrogate = (escape[2] | 0x20) == 'd' && byte >= '8';
      if (after_high)
        good = lower >= 'c' && lower <= 'f';
      else
        good = is_hex(byte) && !(surrogate && lower >= 'c');
      break;
    }
    default:
      good = is_hex(byte);
  }
  if (!good) return outcome::refused;
  escape[escape_length] = static_cast<char>(byte);
  if (++escape_length < 6) return outcome::inside;
  const bool high = !after_high && (escape[2] | 0x20) == 'd' && escape[3] >= '8';
  after_high = high;
  escape_length = 0;
  return outcome::inside;
}

std::string string_place::shortest(const string_limits& limits) const {
  string_place at = *this;
  std::string out;
  auto add = [&](char c) {
    if (at.step(limits, static_cast<unsigned char>(c)) == outcome::refused) return false;
    out += c;
    return true;
  };
  while (at.utf8_left > 0 && !limits.automaton) add(static_cast<char>(at.utf8_from));
  while (at.escape_length > 0 || at.after_high)
    for (const char c : std::string_view("n\\u0d\"rt123456789abcdef"))
      if (add(c)) break;
  if (limits.automaton) {
    // Bytes of a character that was begun are in this as well.
    const std::string rest = limits.automaton->shortest(at.state);
    const std::size_t raw = std::min<std::size_t>(at.utf8_left, rest.size());
    out += rest.substr(0, raw) + json_spelling(std::string_view(rest).substr(raw));
  } else {
    if (at.count < limits.least) out.append(limits.least - at.count, 'a');
  }
  return out + '"';
}

}  // namespace troupe
