#pragma once
// What happened in a run and why, told from its journal: the steps are given to a fresh executor
// again, which says where it went and for what reason. Pure; `troupe why` puts it into words.

#include "pipeline/journal.hpp"

namespace troupe {

/// Where a run went after a stage, and what decided it.
struct story_way {
  route_note::cause why = route_note::cause::edge;
  std::string to;
  std::string condition;      ///< that held; empty: the edge has none
  std::vector<std::string> failed;  ///< conditions before it that did not hold
  value::table read;          ///< the slots that these conditions read, as they were
  // of a bounded edge:
  loop_judgement loop;
  int max = 0, plateau = 0;
  std::string score_slot;     ///< `best_by`; empty: attempts have no score
  value reasons;              ///< what the judge said; none if it says nothing
};

struct story_event {
  enum class kind : std::uint8_t {
    finished,     ///< a stage answered (an `each`: for all of its items)
    retrying,     ///< an attempt failed, and another follows
    failed,       ///< the last attempt failed
    went,         ///< `way`
    waiting,      ///< for a decision
    decided,
    expired,      ///< nobody decided in time
    interrupted,  ///< the process was gone for `took`
    cancelled,
    given_up,     ///< a call that was out when its run ended, or went another way
  };
  kind what = kind::finished;
  duration at{};    ///< since the run was accepted
  std::string stage;
  int attempt = 1;
  std::int64_t items = -1;  ///< of an `each`
  duration took{};          ///< of an attempt, from its call; of a wait or an interruption
  std::optional<duration> worked;  ///< the part of it that the stage was busy, if it was measured
  usage used;
  std::optional<error> failure;
  value decision;  ///< decided: the stage's outputs, by port
  story_way way;
};

/// All calls of one stage together.
struct story_stage {
  std::string name;
  std::int64_t calls = 0, failures = 0;
  duration queued{}, worked{}, waited{};
  usage used;
};

struct story {
  run_record record;
  std::string graph;
  std::vector<story_event> events;
  std::vector<story_stage> stages;  ///< in order of their first call
  duration queued{};  ///< from acceptance to the first step
  duration total{};   ///< from acceptance to the last step
  duration waited{};  ///< of that, for decisions and nothing else
  usage used;
};

story tell_story(const run_record& record, const std::vector<step>& steps,
                 const std::shared_ptr<const graph>& plan);

/// For programs.
value to_value(const story& s);

}  // namespace troupe
