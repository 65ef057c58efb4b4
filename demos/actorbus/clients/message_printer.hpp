#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <actorbus/actors/batch_actor.hpp>

#include "attention.hpp"
#include "clients/message_format.hpp"
#include "topology/participant_actor.hpp"

namespace actorbus::demos {

/// How `sub` prints.
struct print_options {
  std::optional<message_format> format; ///< -F
  bool verbose = false;                 ///< -v: the topic in front
  bool no_newline = false;              ///< -N
  bool quiet = false;
};

/// Prints `incoming_message`s to standard output, as many with one write as have come. May
/// block there: the messages that wait keep their bytes' credit, so a slow reader of our output
/// slows down the broker.
class message_printer final : public batch_actor {
public:
  /// @param failed set when standard output is gone; then `caller` is called. Both outlive the actor
  message_printer(caf::actor_config& config, print_options options, std::atomic<bool>& failed,
                  attention& caller);

  const char* name() const override { return "actorbus.printer"; }

private:
  static constexpr std::size_t write_bytes = 64 * 1024;

  bool on_message(caf::mailbox_element& element) override;
  void on_batch_end() override { write(); }
  void on_exit() override { write(); }

  void print(const incoming_message& message);
  void write();

  print_options options_;
  std::atomic<bool>& failed_;
  attention& caller_;
  std::string out_;
};

} // namespace actorbus::demos
