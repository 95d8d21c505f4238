#include "model/batch_scheduler.hpp"

#include <algorithm>
#include <set>

namespace troupe {

batch_scheduler::batch_scheduler(const scheduler_options& options)
    : options_(options), blocks_(options.blocks, options.block_size) {}

admission batch_scheduler::add(sequence_id id, sequence_request request, time_point now) {
  sequence s{.id = id, .tokens = std::move(request.prompt), .shareable = request.shareable};
  // The last token that is drawn is never read.
  const auto most = std::ssize(s.tokens) + request.max_tokens - 1;
  s.most_blocks = (most + options_.block_size - 1) / options_.block_size;
  if (s.most_blocks > options_.blocks) return admission::too_long;
  if (waiting() >= options_.max_waiting) return admission::overloaded;
  const order place{std::min(request.deadline, now + options_.patience), ++serial_};
  places_.emplace(id, place);
  waiting_.emplace(place, std::move(s));
  return admission::accepted;
}

std::span<const token_id> batch_scheduler::block_tokens(const sequence& s,
                                                        std::int64_t block) const {
  return std::span(s.tokens).subspan(static_cast<std::size_t>(block * options_.block_size),
                                     static_cast<std::size_t>(options_.block_size));
}

kv_block batch_scheduler::last_full_block(const sequence& s) const {
  const auto full = s.read / options_.block_size;
  return full == 0 ? no_block : s.blocks[static_cast<std::size_t>(full - 1)];
}

/// Takes over what others have read of the same beginning. At least one token stays unread, as its
/// scores are wanted.
void batch_scheduler::reuse(sequence& s) {
  const auto size = options_.block_size;
  while (s.shareable && s.read % size == 0 && s.read / size == std::ssize(s.blocks) &&
         unread(s) > size) {
    const kv_block b = blocks_.share(last_full_block(s), block_tokens(s, s.read / size));
    if (b == no_block) return;
    s.blocks.push_back(b);
    s.read += size;
    reused_ += size;
  }
}

void batch_scheduler::release(sequence& s) {
  for (auto it = s.blocks.rbegin(); it != s.blocks.rend(); ++it) blocks_.give_back(*it);
  s.blocks.clear();
}

void batch_scheduler::admit() {
  while (!waiting_.empty() && running() < options_.max_running) {
    sequence& s = waiting_.begin()->second;
    const auto reused = reused_;
    reuse(s);
    if (promised(s) > blocks_.available() - promised_) {
      release(s);
      s.read = 0;
      reused_ = reused;
      // The first in line waits for its room; if a smaller one slipped past, it might never get it.
      return;
    }
    promised_ += promised(s);
    running_.insert(waiting_.extract(waiting_.begin()));
  }
}

void batch_scheduler::give_blocks(sequence& s) {
  const auto needed = (s.read + s.planned + options_.block_size - 1) / options_.block_size;
  while (std::ssize(s.blocks) < needed) {
    s.blocks.push_back(blocks_.take());
    --promised_;
  }
}

void batch_scheduler::plan_prompts(std::int64_t budget) {
  // Of those that would read the same block next, one does; the others take it over afterwards.
  std::set<std::pair<std::uint64_t, std::vector<token_id>>> being_read;
  std::vector<sequence*> prompts;
  for (auto& [place, s] : running_) {
    if (s.planned > 0) continue;
    const auto before = std::ssize(s.blocks);
    reuse(s);
    promised_ -= std::ssize(s.blocks) - before;
    if (s.shareable && s.read % options_.block_size == 0 && unread(s) > options_.block_size) {
      const auto next = block_tokens(s, s.read / options_.block_size);
      const auto content = blocks_.content(last_full_block(s));
      if ((s.read == 0 || content != 0) &&
          !being_read.emplace(content, std::vector(next.begin(), next.end())).second)
        continue;
    }
    prompts.push_back(&s);
  }
  // Even shares; what short prompts leave goes to the others, the first ones get the rest.
  for (bool more = true; more && budget > 0;) {
    more = false;
    const auto share =
        std::max<std::int64_t>(budget / std::max<std::int64_t>(std::ssize(prompts), 1), 1);
    for (sequence* s : prompts) {
      const auto part = std::min({share, unread(*s) - s->planned, budget});
      s->planned += part;
      budget -= part;
      more |= part > 0;
    }
  }
}

std::vector<batch_scheduler::rows> batch_scheduler::plan() {
  admit();
  bool decoding = false;
  for (auto& [place, s] : running_) {
    s.planned = unread(s) == 1 ? 1 : 0;
    decoding |= s.planned == 1;
  }
  plan_prompts(decoding ? options_.rows_shared : options_.rows_alone);
  std::vector<rows> out;
  for (auto& [place, s] : running_) {
    if (s.planned == 0) continue;
    give_blocks(s);
    out.push_back({.id = s.id,
                   .tokens = std::span(s.tokens).subspan(static_cast<std::size_t>(s.read),
                                                         static_cast<std::size_t>(s.planned)),
                   .from = s.read,
                   .length = std::ssize(s.tokens),
                   .blocks = s.blocks,
                   .last = s.planned == unread(s)});
  }
  return out;
}

void batch_scheduler::commit() {
  const auto size = options_.block_size;
  for (auto& [place, s] : running_) {
    const auto before = s.read / size;
    s.read += std::exchange(s.planned, 0);
    for (auto b = before; s.shareable && b < s.read / size; ++b)
      blocks_.name(s.blocks[static_cast<std::size_t>(b)],
                   b == 0 ? no_block : s.blocks[static_cast<std::size_t>(b - 1)],
                   block_tokens(s, b));
  }
}

void batch_scheduler::append(sequence_id id, token_id token) {
  running_.at(places_.at(id)).tokens.push_back(token);
}

void batch_scheduler::remove(sequence_id id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  if (auto it = running_.find(place->second); it != running_.end()) {
    promised_ -= promised(it->second);
    release(it->second);
    running_.erase(it);
  } else {
    waiting_.erase(place->second);
  }
  places_.erase(place);
}

}  // namespace troupe
