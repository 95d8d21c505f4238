// Routes for those who run the server. They answer only programs on its own machine.

#include "transport/routes.hpp"

namespace troupe {

namespace {

gateway::callback<value> told(responder_ptr answer) {
  return [answer = std::move(answer)](result<value> r) {
    answer->send(r ? json_response(*r) : error_response(r.error()));
  };
}

}  // namespace

void post_reload(service& s, const web_request&, responder_ptr answer) {
  s.gate.reload(told(std::move(answer)));
}

void get_graph_files(service& s, const web_request&, responder_ptr answer) {
  s.gate.find_graph_files(told(std::move(answer)));
}

}  // namespace troupe
