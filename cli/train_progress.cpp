#include "cli/train_progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace troupe {

void show_progress(const train_progress& p) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (terminal)
    std::fprintf(stderr, "\r%-10s epoch %3d/%d  loss %.4f ", p.phase.c_str(), p.epoch, p.epochs,
                 p.loss);
  else if (p.epoch % 10 == 0 || p.epoch == p.epochs)
    std::fprintf(stderr, "%s epoch %d/%d loss %.4f\n", p.phase.c_str(), p.epoch, p.epochs, p.loss);
  if (terminal && p.epoch == p.epochs) std::fputc('\n', stderr);
}

}  // namespace troupe
