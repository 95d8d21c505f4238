#pragma once
// Decisions that runs wait for: what is asked, what is answered, and how the questions lie in the
// store. The list of waiting reviews is an index of its own, and so is the order in which they
// expire; neither is found by looking through runs.

#include "pipeline/journal.hpp"

namespace troupe {

/// One question, as it lies in the store while nobody has answered it.
struct review_record {
  std::string run, conversation, owner, stage;
  std::int64_t task = 0;  ///< number of the stage's call within the run
  time_point since, until;
  value asked;  ///< what the stage was given: a table by input, `draft` among them
};

std::string encode(const review_record& r);
result<review_record> decode_review(std::string_view bytes);

/// Both keys of a review.
write_batch open_review(const review_record& r);
write_batch close_review(std::string_view run, std::int64_t task, time_point until);

/// All that wait, by run; at most `limit`, beginning behind the run `after`.
result<std::vector<review_record>> read_reviews(const store& s, std::string_view after,
                                                std::size_t limit);
/// Those of one run, in the order in which they were asked.
result<std::vector<review_record>> read_reviews_of(const store& s, std::string_view run);
/// Runs with a review that expired by `now`, each once.
result<std::vector<std::string>> read_expired(const store& s, time_point now);

/// The first expiry after `now` of all that wait; max() if there is none.
time_point next_expiry(const store& s, time_point now);

/// Whether a run has waited for a decision at all.
result<bool> was_suspended(const store& s, std::string_view run);
/// Why a run without an open review cannot be decided: `conflict` if it was, else `not_found`.
error no_open_review(std::string_view run, bool was_suspended);

/// As programs read it: {run, conversation?, stage, task, since, expires, and what was asked}.
/// Times are texts such as "2026-01-31T08:30:00Z".
value to_value(const review_record& r);

/// What `read_reviews` finds, as a list of these.
result<value> list_reviews(const store& s, std::string_view after, std::size_t limit);

/// The inverse of `name_of`.
std::optional<verdict> verdict_from_name(std::string_view name) noexcept;
/// What stages read in a slot `verdict`: approved, rejected, edited.
std::string_view slot_value_of(verdict what) noexcept;

/// The outputs of a stage whose run waited for `d`: those it would have had without a decision,
/// with `verdict` (approved, rejected, edited), `text` (edited), `comment` and `reviewer` in the
/// ports of those names.
frame decided_outputs(const port_set& ports, frame instead, const review_decision& d);

/// UTC, to the second.
std::string format_time(time_point t);

}  // namespace troupe
