#include "model/kv_blocks.hpp"

namespace troupe {

kv_blocks::kv_blocks(std::int64_t count, std::int64_t block_size)
    : block_size_(block_size), blocks_(static_cast<std::size_t>(count)) {
  for (kv_block b = 0; b < count; ++b) at(b).at = unused_.insert(unused_.end(), b);
}

std::size_t kv_blocks::hash::operator()(const key& k) const noexcept {
  // FNV-1a over words; equal keys are compared in full.
  std::uint64_t h = 14695981039346656037u ^ k.previous;
  for (const token_id id : k.tokens) h = (h ^ static_cast<std::uint64_t>(id)) * 1099511628211u;
  return h ^ (h >> 29);
}

void kv_blocks::forget(state& s) {
  if (!s.named) return;
  contents_.erase(contents_.find(*s.named));
  s.named = nullptr;
}

kv_block kv_blocks::take() {
  const kv_block b = unused_.front();
  unused_.pop_front();
  state& s = at(b);
  forget(s);
  s.users = 1;
  s.content = 0;
  return b;
}

kv_block kv_blocks::share(kv_block previous, std::span<const token_id> tokens) {
  if (previous != no_block && content(previous) == 0) return no_block;
  const auto it = contents_.find({content(previous), {tokens.begin(), tokens.end()}});
  if (it == contents_.end()) return no_block;
  state& s = at(it->second);
  if (s.users++ == 0) unused_.erase(s.at);
  return it->second;
}

void kv_blocks::name(kv_block b, kv_block previous, std::span<const token_id> tokens) {
  state& s = at(b);
  if (s.content != 0 || (previous != no_block && content(previous) == 0)) return;
  const auto [it, fresh] =
      contents_.try_emplace({content(previous), {tokens.begin(), tokens.end()}}, b);
  // Two may have computed the same side by side: what follows either follows both.
  s.content = fresh ? ++last_content_ : at(it->second).content;
  if (fresh) s.named = &it->first;
}

void kv_blocks::give_back(kv_block b) {
  state& s = at(b);
  if (--s.users > 0) return;
  // What holds nothing of use is taken before anything that does.
  s.at = unused_.insert(!s.named ? unused_.begin() : unused_.end(), b);
}

}  // namespace troupe
