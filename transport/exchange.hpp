#pragma once
// One request's answer on its way into the outbox of its connection.

#include "transport/client_outbox.hpp"
#include "transport/service.hpp"
#include "transport/web_message.hpp"

namespace troupe {

class exchange final : public responder {
 public:
  /// What has to be known of the request. `close`: ends the connection, from any thread.
  struct context {
    std::shared_ptr<transport_metrics> metrics;
    std::shared_ptr<client_outbox> out;
    std::shared_ptr<const std::atomic<bool>> draining;  ///< see service
    std::function<void()> close;
    std::size_t route = 0;
    std::string request_id;
    std::string date;
    bool keep_alive = true;
    bool http_1_0 = false;
    bool head = false;
  };

  explicit exchange(context c) : context_(std::move(c)) {}
  ~exchange() override;

  void send(web_response r) override;
  void begin(web_response head) override;
  bool write(std::string_view piece) override;
  void end() override;
  void when_gone(std::function<void()> f) override;
  /// The client will not read the rest.
  void client_is_gone();

 private:
  enum class stage : unsigned char { waiting, streaming, done };

  response_frame frame() const;
  /// Moves on from `from`; false if that is not where the exchange is.
  bool advance(stage from, stage to);

  context context_;
  std::atomic<stage> stage_ = stage::waiting;
  std::mutex mutex_;
  std::function<void()> gone_;
};

}  // namespace troupe
