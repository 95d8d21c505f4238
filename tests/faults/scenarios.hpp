#pragma once
// What is done to a running Troupe, by the row of the table in docs/operations.md that says what
// comes of it.

namespace troupe::test {

// disk.cpp
void process_is_killed();
void disk_is_full();
void disk_is_read_only();
void disk_turns_read_only();
void files_may_not_grow();
void folder_is_in_use();
// damage.cpp
void end_of_journal_is_damaged();
void middle_of_journal_is_damaged();
void file_of_store_is_damaged();
void record_of_store_is_damaged();
// machine.cpp
void clock_is_set();
void no_file_descriptors_are_left();
void model_is_out_of_memory();
// stages.cpp
void stage_throws();
void stage_hangs();
void stage_is_out_of_memory();
void stage_answers_twice();
void stage_never_answers();
void actor_dies();

}  // namespace troupe::test
